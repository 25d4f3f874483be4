"""What the columns of a school itself hold: what it makes known. Found by ``disclosure.table``."""

from typing import Final

from disclosure.table import columns

MODELS: Final = {
    "tenancy.Tenant": columns(
        "slug host kind name name_en code district time_zone duty_phone duty_hours rules is_active created_at"
    ),
    "tenancy.NumberSeries": columns("series year last"),
    "tenancy.Setback": columns("loop row tries error next_at"),
}
