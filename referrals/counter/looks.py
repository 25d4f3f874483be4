"""What a counter has just looked at: kept for its own session, so that the preview has an address.

The code of a voucher is a secret and stands in no address. It waits sealed in the session, for ten minutes and for the last
few looks; after that the counter scans once more.
"""

import time
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from accounts.actor import ActingRequest
from vault.cipher import Unreadable
from vault.keyring import GLOBAL_TENANT
from vault.sealed import seal, unseal

_NAME: Final = "looks"
_MOST: Final = 5
_KEPT: Final = timedelta(minutes=10)


def keep_look(request: ActingRequest, text: str) -> UUID:
    """Keep the code that was read; the look's key."""
    key = uuid4()
    kept = {
        **request.session.get(_NAME, {}),
        str(key): [seal(GLOBAL_TENANT, _NAME, key, "text", text).hex(), time.time(), ""],
    }
    newest = sorted(kept, key=lambda name: float(kept[name][1]))[-_MOST:]
    request.session[_NAME] = {name: kept[name] for name in newest}
    return key


def look_at(request: ActingRequest, key: UUID) -> tuple[str, str]:
    """The code of a look, and the redemption that was made of it; both empty where there is none, or none any more."""
    sealed, at, redemption = request.session.get(_NAME, {}).get(str(key), ("", 0, ""))
    if not sealed or time.time() - float(at) > _KEPT.total_seconds():
        return "", ""
    try:
        return unseal(GLOBAL_TENANT, _NAME, key, "text", bytes.fromhex(sealed)), redemption
    except (Unreadable, ValueError):
        return "", ""


def note_redemption(request: ActingRequest, key: str, redemption: str) -> None:
    """A look was redeemed: Back to it leads to the answer."""
    kept = request.session.get(_NAME, {})
    if key in kept:
        sealed, at, _redemption = kept[key]
        request.session[_NAME] = {**kept, key: [sealed, at, redemption]}
