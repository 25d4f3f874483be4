"""The first wall: a manager that binds the school when the SQL is compiled, and raises when none is open.

Binding late means that a queryset built in one scope and run in another asks the school that is open *then*;
a queryset never carries a school along. Known hole: a join that starts from a global model does not pass this
manager; the second wall holds there (tests/tenancy names such joins).
"""

from typing import Any

from django.db import models
from django.db.models.sql.compiler import SQLCompiler

from tenancy import scope


class InScope(models.Expression):
    """``tenant_id = <the open school>``, decided at compile time; true across schools, where the role decides."""

    output_field = models.BooleanField()
    conditional = True
    contains_aggregate = False

    def __init__(self, column: Any = None) -> None:
        super().__init__()
        self.column: Any = column if column is not None else models.F("tenant")

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.column,) = exprs

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        opened = scope.current()
        if opened.across or (opened.partner and not opened.tenant):
            return "TRUE", ()
        sql, params = compiler.compile(self.column)
        return f"{sql} = %s", (*params, scope.current_tenant_id())


class TenantManager(models.Manager[Any]):
    """Rows of the open school only."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(InScope())
