"""What family tips add to the navigation: an office of the editors."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.navigation import Link

_TIPS: Final = Link(rank=52, label=_("Tips by e-mail"), url="/school/tips/", icon="send", permission="tips.send")
OFFICES: Final = {"tips": _TIPS}
SECTIONS: Final = {"tips": (_TIPS,)}
