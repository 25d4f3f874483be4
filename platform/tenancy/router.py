"""Database router: the open scope picks the role, never the object; one that was read as system is written as app."""

from typing import Any

from tenancy import scope
from tenancy.models import TenantModel


class ScopeRouter:
    """Tenant tables go where the scope says; everything else is the app's."""

    def _alias(self, model: type) -> str:
        return scope.alias_for(scope.current()) if issubclass(model, TenantModel) else "default"

    def db_for_read(self, model: type, **hints: Any) -> str:
        return self._alias(model)

    def db_for_write(self, model: type, **hints: Any) -> str:
        return self._alias(model)

    def allow_relation(self, obj1: object, obj2: object, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"
