"""Who sees what of the books; found by ``disclosure.table`` (docs/privacy.md §What the books tell)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Row, Thing, columns, sees
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "line": Thing(pgettext_lazy("thing", "single lines of the books"), is_spelled=True, rank=30),
    "pool": Thing(pgettext_lazy("thing", "the pools"), is_spelled=True, rank=30),
}

MODELS: Final = {
    "ledger.Account": columns("book period unit bucket", owner=Facet.SERVICE, balance=Facet.SUM),
    "ledger.Transfer": columns(
        "kind against reason by budget_year", reference=Facet.VOUCHER, service_date=Facet.DAY, created_at=Facet.MONTH
    ),
    "ledger.Entry": columns("transfer account", amount=Facet.AMOUNT),
}

_PUBLISHED: Final = sees(
    Facet.SUM, remark=_("Of whole weeks, and only when enough people have moved them: never one person's amount.")
)

ROWS: Final[Mapping[Key, Row]] = {
    ("line", Reader.FINANCE): sees(
        Facet.MONTH, Facet.VOUCHER, Facet.AMOUNT, never=(Facet.NAME, Facet.SERVICE, Facet.DAY)
    ),
    ("pool", Reader.FINANCE): sees(Facet.SUM),
    ("pool", Reader.UNION): _PUBLISHED,
    ("pool", Reader.PRINCIPAL): _PUBLISHED,
}
