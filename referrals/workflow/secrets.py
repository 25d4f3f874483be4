"""The keyed hash under which a voucher's code or token is found again (rules §2)."""

from django.conf import settings

from kernel.identifiers import keyed_hash


def secret_hash(value: str) -> bytes:
    """32 bytes; the same for a code in every school, because the school is found from it."""
    return keyed_hash(settings.HASH_KEY, f"voucher:{value}")
