"""Result files, sealed at rest with the school's key: a copy of the disk shows nothing (D1)."""

import os
from pathlib import Path

from django.conf import settings

from jobs.models import Job
from tenancy.scope import current_tenant_id
from vault import cipher, keyring


def store(job: Job, content: bytes) -> str:
    """Write ``content`` for ``job``; returns the path below ``PRIVATE_ROOT``. A second run replaces the first's file."""
    version, key = keyring.current_key(current_tenant_id())
    relative = Path("jobs") / str(current_tenant_id()) / f"{job.pk}.sealed"
    target = Path(settings.PRIVATE_ROOT) / relative
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and renamed: a reader never meets half a file.
    half = target.with_suffix(f".{os.getpid()}.part")
    half.write_bytes(cipher.seal(key, version, content, _place(job)))
    half.chmod(0o600)
    half.replace(target)
    return str(relative)


def read(job: Job) -> bytes:
    """What ``store`` was given. FileNotFoundError when it is gone, cipher.Unreadable when it was touched."""
    token = (Path(settings.PRIVATE_ROOT) / job.result_file).read_bytes()
    return cipher.unseal(keyring.key_of(current_tenant_id(), cipher.key_version_of(token)), token, _place(job))


def remove(path: str) -> None:
    """Delete the file at ``path`` below ``PRIVATE_ROOT``; one that is gone already is no error."""
    (Path(settings.PRIVATE_ROOT) / path).unlink(missing_ok=True)


def _place(job: Job) -> cipher.Place:
    return cipher.Place(current_tenant_id(), job._meta.db_table, str(job.pk), "result_file")
