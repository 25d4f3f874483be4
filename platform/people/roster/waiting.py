"""Files of long staff lists that wait for their job: sealed on disk piece by piece, never whole in memory."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings
from django.db import transaction

from accounts.models import RosterImport, RosterState
from tenancy.scope import current_tenant_id
from vault.cipher import Place
from vault.files import read_sealed, write_sealed

BLOCK: Final = 256 * 1024  # bytes
_ORPHANED_AFTER: Final = 3600.0  # seconds


def keep_file(roster: RosterImport, file: BinaryIO) -> None:
    """Seal the whole of ``file`` for ``roster``."""
    write_sealed(_path(roster), blocks_of(file), _place(roster))


def kept_file(roster: RosterImport) -> bytes:
    """What ``keep_file`` was given. FileNotFoundError when it is gone, cipher.Unreadable when it was touched."""
    return b"".join(read_sealed(_path(roster), _place(roster)))


def forget_file(roster: RosterImport) -> None:
    """Remove it when the transaction has ended well: until then the list may still need it."""
    path = _path(roster)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def forget_orphans() -> int:
    """Remove files of the open school whose list is no longer to be read; how many. A crash may leave one."""
    reading = {str(pk) for pk in RosterImport.objects.filter(state=RosterState.READING).values_list("pk", flat=True)}
    gone = 0
    for path in _folder().glob("*"):
        old = time.time() - path.stat().st_mtime > _ORPHANED_AFTER
        if old and path.name.split(".")[0] not in reading:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """The whole of ``file`` from its beginning, a block at a time."""
    file.seek(0)
    while block := file.read(BLOCK):
        yield block


def _folder() -> Path:
    return Path(settings.PRIVATE_ROOT) / "rosters" / str(current_tenant_id())


def _path(roster: RosterImport) -> Path:
    return _folder() / f"{roster.pk}.sealed"


def _place(roster: RosterImport) -> Place:
    return Place(current_tenant_id(), roster._meta.db_table, str(roster.pk), "file")
