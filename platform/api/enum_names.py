"""Names of the closed lists in the OpenAPI document, as each app brings them in ``schema_enums.ENUMS``."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry import table


class EnumNames(Mapping[str, Any]):
    """Name of a schema component → the enum or the values it holds.

    Stands in the settings, so it looks into the apps only when the document is built. ValueError when two apps bring the
    same name.
    """

    def _table(self) -> dict[str, Any]:
        return table("schema_enums", "ENUMS")

    def __getitem__(self, name: str) -> Any:
        return self._table()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())
