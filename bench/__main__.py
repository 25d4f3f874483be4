"""`python -m bench [case …]`: one JSON line per case on standard output; status 1 when one could not be measured."""

import importlib
import json
import sys
import traceback

import django

from bench import case_names


def main(wanted: list[str]) -> int:
    """Run the cases asked for, or all. A case that fails does not keep the others from being measured."""
    known = list(case_names())
    if unknown := sorted(set(wanted) - set(known)):
        print(f"no such case: {', '.join(unknown)}; there are: {', '.join(known) or 'none'}", file=sys.stderr)
        return 2
    django.setup()
    failed = 0
    for name in wanted or known:
        try:
            answer = importlib.import_module(f"bench.{name}").run()
        except Exception:  # noqa: BLE001 - the next case is measured all the same
            traceback.print_exc()
            failed += 1
            continue
        print(json.dumps({"case": name, **answer}, ensure_ascii=False), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
