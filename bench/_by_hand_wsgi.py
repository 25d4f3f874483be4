"""The server of ``_by_hand``: the apps are loaded before it can be."""

import django

django.setup()

from bench import _by_hand  # noqa: E402 - needs the apps

application = _by_hand.application()
