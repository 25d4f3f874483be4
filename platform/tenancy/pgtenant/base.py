"""PostgreSQL backend that tells the database, with every statement, which school is open.

``SET LOCAL`` travels in the same message as the statement: PostgreSQL treats one message as one implicit
transaction, so the setting lives exactly as long as the statement. No extra round trip, nothing left on a pooled
connection, right in autocommit, after a rolled-back savepoint and behind PgBouncer in transaction mode
(measured in docs/tenancy.md). In the same way a transaction begins with its first statement, in one message.
"""

from typing import Any, Final

from django.conf import settings
from django.db import NotSupportedError
from django.db.backends.postgresql import base
from psycopg.pq import ExecStatus, TransactionStatus

from tenancy import roles, scope

# Statements that take no prefix: they touch no row, and a multi-statement message would change their meaning. A message
# of several takes one whatever it begins with: what follows a savepoint would else run in what was open before.
_BARE = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET CONSTRAINTS", "TRUNCATE", "VACUUM")
_LONGEST: Final = max(map(len, _BARE))


class Parts(str):
    """Several statements, each of which answers; what they answered stands in the cursor's ``parts`` (``tenancy.messages``)."""

    __slots__ = ()


def prefix() -> str:
    """The ``SET LOCAL`` head for the open scope. Values are UUIDs (checked by ``Scope``), so quoting is safe."""
    opened = scope.current()
    head = f"SET LOCAL app.tenant='{opened.tenant or ''}';SET LOCAL app.partner='{opened.partner or ''}';"
    if settings.TENANCY_SWITCH_ROLE:  # tests only: one connection plays all three roles
        head += f"SET LOCAL ROLE {roles.BY_SCOPE[opened.role]};"
    return head


class ScopedCursor(base.Cursor):
    """A cursor whose every statement carries its scope, and the first of a transaction its BEGIN."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> "ScopedCursor":
        """Send ``query`` behind the scope's prefix and stand on its own result."""
        text = query if isinstance(query, str) else query.as_string(self.connection)  # type: ignore[attr-defined]
        is_bare = not isinstance(query, Parts) and text.lstrip()[:_LONGEST].upper().startswith(_BARE)
        head = self._begin() + ("" if is_bare else prefix())
        super().execute(head + text, params, **kwargs)  # type: ignore[misc]
        if isinstance(query, Parts):
            self._gather(head.count(";"))
        while self.nextset():  # type: ignore[attr-defined]
            pass
        return self

    def _begin(self) -> str:
        """BEGIN, when Django has opened a transaction in which nothing was said yet."""
        connection = self.connection  # type: ignore[attr-defined]
        opens = getattr(connection, "begins", False)  # a connection that is being made has not been told yet
        return "BEGIN;" if opens and connection.pgconn.transaction_status == TransactionStatus.IDLE else ""

    def _gather(self, of_the_head: int) -> None:
        """Keep what each statement behind the head answered; one that gives no rows answers none."""
        for _ in range(of_the_head):
            self.nextset()  # type: ignore[attr-defined]
        self.parts: list[list[tuple[Any, ...]]] = []
        while True:
            # Its status, not its description: that would make an object of every column.
            gives_rows = self.pgresult.status == ExecStatus.TUPLES_OK  # type: ignore[attr-defined]
            self.parts.append(self.fetchall() if gives_rows else [])  # type: ignore[attr-defined]
            if not self.nextset():  # type: ignore[attr-defined]
                return

    def executemany(self, query: Any, params_seq: Any, **kwargs: Any) -> None:
        """One statement after another, each with its scope; psycopg's own batch would bypass it."""
        for params in params_seq:
            self.execute(query, params, **kwargs)

    def copy(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: COPY cannot carry a scope."""
        raise NotSupportedError("COPY does not carry a school: use bulk_create")

    def stream(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: single-row mode cannot stand behind a prefix."""
        raise NotSupportedError("stream() does not carry a school: use iterator()")


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend with scoped cursors, no server-side ones, and transactions that begin with what they do."""

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters with our cursor; server-side binding would forbid the one-message prefix."""
        params = super().get_connection_params()
        params["cursor_factory"] = ScopedCursor
        params["autocommit"] = True
        return params

    def _set_autocommit(self, autocommit: bool) -> None:
        """Django's word alone: the driver, were it told, would send BEGIN as a message of its own (``ScopedCursor``)."""
        assert self.connection is not None
        self.connection.begins = not autocommit

    def chunked_cursor(self) -> Any:
        """A plain cursor: a named one would outlive its scope. ``DISABLE_SERVER_SIDE_CURSORS`` says the same."""
        return self.cursor()
