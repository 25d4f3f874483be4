"""`python -m bench [--long | --small] [case …]`: one JSON line per case on standard output; status 1 when one could not be measured."""

import importlib
import inspect
import json
import sys
import traceback

import django

from bench import case_names


def main(wanted: list[str]) -> int:
    """Run the cases asked for, or all; with ``--long`` or ``--small`` those that can be longer or smaller are. One that fails
    stops no other.
    """
    sizes = [name for name in wanted if name in ("--long", "--small")]
    wanted = [name for name in wanted if name not in sizes]
    known = list(case_names())
    if unknown := sorted(set(wanted) - set(known)):
        print(f"no such case: {', '.join(unknown)}; there are: {', '.join(known) or 'none'}", file=sys.stderr)
        return 2
    django.setup()
    failed = 0
    for name in wanted or known:
        try:
            measure = importlib.import_module(f"bench.{name}").run
            known_sizes = inspect.signature(measure).parameters
            answer = measure(**{size[2:]: True for size in sizes if size[2:] in known_sizes})
        except Exception:  # noqa: BLE001 - the next case is measured all the same
            traceback.print_exc()
            failed += 1
            continue
        print(json.dumps({"case": name, **answer}, ensure_ascii=False), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
