"""Where the plants are."""

from ui.navigation import STAFF, Link

_PLANTS = Link(rank=25, label="Plants", url="/plants/", icon="home", permission="plant.water")
TABS = {STAFF: (_PLANTS,)}
OFFICES = {"garden": _PLANTS}
SECTIONS = {"garden": (_PLANTS,)}
HOMES = {"doctor": (5, "/plants/")}
