"""`python -m bench [--long|--short] [case …]`: one JSON line per case on standard output; status 1 when one could not be measured or is not as promised."""

import importlib
import inspect
import json
import sys
import traceback
from collections.abc import Callable
from typing import Any, Final

import django

from bench import case_names

SHORT: Final[dict[str, dict[str, int]]] = {
    "article": {"n": 5}, "drills": {"steps": 100}, "faults": {"seconds": 12}, "first_page": {"seconds": 1}, "flood": {"seconds": 2},
    "holds": {"n": 100}, "memory": {"n": 60}, "openday": {"n": 60, "marks": 60}, "pages": {"n": 3}, "pooled": {"n": 500},
    "race": {"n": 10, "racers": 16}, "readiness": {"n": 3}, "redeem": {"n": 20}, "reserve": {"n": 100}, "rota": {"rotas": 40},
    "rush": {"schools": 4}, "search": {"n": 2, "pages": 2_000}, "sending": {"pages": 200}, "split": {"n": 500}, "timers": {"schools": 4},
    "voucher_pdf": {"n": 2},
}  # fmt: skip
"""What ``--short`` gives each case: it shows that a case comes to its end with right books, and no figure that means anything."""

NONE_OF: Final[dict[str, tuple[str, ...]]] = {"rush": ("lost", "again")}
"""What must be 0 beside a case's own figure: with one of them the figure is none (``bench.rush``)."""


def main(wanted: list[str]) -> int:
    """Run the cases asked for, or all; with ``--long`` those that can run longer do, with ``--short`` those that can be small are."""
    asked, wanted = set(wanted), [name for name in wanted if name not in ("--long", "--short")]
    known = list(case_names())
    if unknown := sorted(set(wanted) - set(known)):
        print(f"no such case: {', '.join(unknown)}; there are: {', '.join(known) or 'none'}", file=sys.stderr)
        return 2
    django.setup()
    return run_cases(wanted or known, asked)


def run_cases(names: list[str], asked: set[str]) -> int:
    """Run them one after the other and print a line each; 1 when one of them failed, which stops no other.

    Where nothing may be lost, early or different (a floor of 0), anything that is fails too.
    """
    failed = 0
    for name in names:
        try:
            measure = importlib.import_module(f"bench.{name}").run
            answer = measure(**_size(name, measure, asked))
        except Exception:  # noqa: BLE001 - the next case is measured all the same
            traceback.print_exc()
            failed += 1
            continue
        print(json.dumps({"case": name, **answer}, ensure_ascii=False), flush=True)
        if broken := not_none(name, answer):
            print(f"{name}: must be 0: {', '.join(broken)}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


def not_none(name: str, answer: dict[str, Any]) -> list[str]:
    """What is not 0 and must be: ``ours`` beside a floor of 0, and what ``NONE_OF`` names."""
    keys = (*(("ours",) if answer["floor"] == 0 else ()), *NONE_OF.get(name, ()))
    return [f"{key} {answer[key]}" for key in keys if answer[key] != 0]


def _size(name: str, measure: Callable[..., dict[str, Any]], asked: set[str]) -> dict[str, Any]:
    """How large a case is asked for."""
    if "--short" in asked:
        return dict(SHORT.get(name, {}))
    return {"long": True} if "--long" in asked and "long" in inspect.signature(measure).parameters else {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
