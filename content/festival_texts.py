"""What the festivals are called."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from content.festivals import Festival


@dataclass(frozen=True, slots=True)
class FestivalText:
    name: str | Promise


FESTIVALS: Final[dict[Festival, FestivalText]] = {
    Festival.NEW_YEAR: FestivalText(pgettext_lazy("festival", "New Year")),
    Festival.SPRING_FESTIVAL: FestivalText(pgettext_lazy("festival", "Spring Festival")),
    Festival.LANTERN: FestivalText(pgettext_lazy("festival", "Lantern Festival")),
    Festival.WOMENS_DAY: FestivalText(pgettext_lazy("festival", "Women's Day")),
    Festival.ARBOR_DAY: FestivalText(pgettext_lazy("festival", "Arbor Day")),
    Festival.LABOUR_DAY: FestivalText(pgettext_lazy("festival", "Labour Day")),
    Festival.DRAGON_BOAT: FestivalText(pgettext_lazy("festival", "Dragon Boat Festival")),
    Festival.PARTY_DAY: FestivalText(pgettext_lazy("festival", "1 July")),
    Festival.TEACHERS_DAY: FestivalText(pgettext_lazy("festival", "Teachers' Day")),
    Festival.MID_AUTUMN: FestivalText(pgettext_lazy("festival", "Mid-Autumn Festival")),
    Festival.NATIONAL_DAY: FestivalText(pgettext_lazy("festival", "National Day")),
    Festival.MENTAL_HEALTH_DAY: FestivalText(pgettext_lazy("festival", "World Mental Health Day")),
    Festival.DOUBLE_NINTH: FestivalText(pgettext_lazy("festival", "Double Ninth Festival")),
}
