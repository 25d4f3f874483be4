"""Who reads, and what can be read of a person. The values are stable, the words are what pages say."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Text = str | Promise


class Reader(StrEnum):
    """Somebody before a page. A role of the school is a reader where it sees what others do not (``role_reader``)."""

    PERSON = "person"
    RELATIVE = "relative"
    STEWARD = "steward"
    AGENCY_ASKED = "agency_asked"
    AGENCY = "agency"
    OTHER_AGENCY = "other_agency"
    CENTRE = "centre"
    DUTY = "duty"
    UNION = "union"
    FINANCE = "finance"
    PRINCIPAL = "principal"
    ADMIN = "admin"
    HEAD = "head"
    COLLEAGUE = "colleague"
    EDITOR = "editor"
    DISTRICT = "district"
    OPERATOR = "operator"
    NOBODY = "nobody"


READERS: Final[Mapping[Reader, Text]] = {
    Reader.PERSON: pgettext_lazy("reader", "you"),
    Reader.RELATIVE: pgettext_lazy("reader", "your family"),
    Reader.STEWARD: pgettext_lazy("reader", "the people at the gate"),
    Reader.AGENCY_ASKED: pgettext_lazy("reader", "the agency, before it accepts"),
    Reader.AGENCY: pgettext_lazy("reader", "the agency, once it has accepted"),
    Reader.OTHER_AGENCY: pgettext_lazy("reader", "other agencies"),
    Reader.CENTRE: pgettext_lazy("reader", "the psychological centre"),
    Reader.DUTY: pgettext_lazy("reader", "the psychologist on duty"),
    Reader.UNION: pgettext_lazy("reader", "the trade union"),
    Reader.FINANCE: pgettext_lazy("reader", "school finance"),
    Reader.PRINCIPAL: pgettext_lazy("reader", "the principal"),
    Reader.ADMIN: pgettext_lazy("reader", "the school administration"),
    Reader.HEAD: pgettext_lazy("reader", "your head of department"),
    Reader.COLLEAGUE: pgettext_lazy("reader", "your colleagues"),
    Reader.EDITOR: pgettext_lazy("reader", "editors"),
    Reader.DISTRICT: pgettext_lazy("reader", "the education bureau"),
    Reader.OPERATOR: pgettext_lazy("reader", "the platform's operator"),
    Reader.NOBODY: pgettext_lazy("reader", "whoever is not signed in"),
}
"""How a panel calls them; the agency goes by its name there."""


class Facet(StrEnum):
    """One thing that can be known of a person. The order is that of the sentences."""

    WHOLE = "whole"
    NAME = "name"
    TITLE = "title"
    PHONE = "phone"
    PHONE_END = "phone_end"
    EMAIL = "email"
    DEPARTMENT = "department"
    STAFF_NO = "staff_no"
    PLACE_DAYS = "place_days"
    GENDER = "gender"
    SERVICE = "service"
    AGENCY = "agency"
    UNITS = "units"
    WISHED = "wished"
    WISHES = "wishes"
    DISTRICT = "district"
    AGE_BAND = "age_band"
    FOR_CHILD = "for_child"
    DUTIES = "duties"
    DAY = "day"
    TIME = "time"
    PLACE = "place"
    USED = "used"
    MONTH = "month"
    NUMBER = "number"
    VOUCHER = "voucher"
    CODE = "code"
    AMOUNT = "amount"
    SPLIT = "split"
    SUM = "sum"
    NOTE = "note"
    REASON = "reason"
    OUTCOME = "outcome"
    SENT = "sent"
    ACTED = "acted"
    CHILD_NAME = "child_name"
    CHILD_BORN = "child_born"
    RELATIVE_NAME = "relative_name"
    RELATIVE_PHONE = "relative_phone"
    RELATION = "relation"
    PLATE = "plate"
    CONSENT = "consent"
    NEVER = "never"
    COMMUNITY = "community"
    STREET = "street"
    DRAFTED = "drafted"
    HANDED = "handed"
    ANSWER = "answer"
    MESSAGE = "message"
    KEY = "key"


FACETS: Final[Mapping[Facet, Text]] = {
    Facet.WHOLE: pgettext_lazy("seen", "everything"),
    Facet.NAME: pgettext_lazy("seen", "name"),
    Facet.TITLE: pgettext_lazy("seen", "form of address"),
    Facet.PHONE: pgettext_lazy("seen", "telephone"),
    Facet.PHONE_END: pgettext_lazy("seen", "last four digits of the telephone"),
    Facet.EMAIL: pgettext_lazy("seen", "e-mail"),
    Facet.DEPARTMENT: pgettext_lazy("seen", "department"),
    Facet.STAFF_NO: pgettext_lazy("seen", "staff number"),
    Facet.PLACE_DAYS: pgettext_lazy("seen", "first and last day"),
    Facet.GENDER: pgettext_lazy("seen", "gender"),
    Facet.SERVICE: pgettext_lazy("seen", "service"),
    Facet.AGENCY: pgettext_lazy("seen", "agency"),
    Facet.UNITS: pgettext_lazy("seen", "how much"),
    Facet.WISHED: pgettext_lazy("seen", "times wished for"),
    Facet.WISHES: pgettext_lazy("seen", "wishes"),
    Facet.DISTRICT: pgettext_lazy("seen", "district"),
    Facet.AGE_BAND: pgettext_lazy("seen", "the child's age band"),
    Facet.FOR_CHILD: pgettext_lazy("seen", "that it is for a child"),
    Facet.DUTIES: pgettext_lazy("seen", "which duties change"),
    Facet.DAY: pgettext_lazy("seen", "day"),
    Facet.TIME: pgettext_lazy("seen", "time of the appointment"),
    Facet.PLACE: pgettext_lazy("seen", "place"),
    Facet.USED: pgettext_lazy("seen", "when the voucher was used"),
    Facet.MONTH: pgettext_lazy("seen", "month"),
    Facet.NUMBER: pgettext_lazy("seen", "request number"),
    Facet.VOUCHER: pgettext_lazy("seen", "voucher number"),
    Facet.CODE: pgettext_lazy("seen", "voucher code"),
    Facet.AMOUNT: pgettext_lazy("seen", "amount"),
    Facet.SPLIT: pgettext_lazy("seen", "what of it you pay and what the school pays"),
    Facet.SUM: pgettext_lazy("seen", "sums over several people"),
    Facet.NOTE: pgettext_lazy("seen", "what the person wrote"),
    Facet.REASON: pgettext_lazy("seen", "the reason of a no"),
    Facet.OUTCOME: pgettext_lazy("seen", "whether it was solved"),
    Facet.SENT: pgettext_lazy("seen", "when it was sent"),
    Facet.ACTED: pgettext_lazy("seen", "the minute of each act"),
    Facet.CHILD_NAME: pgettext_lazy("seen", "the child's name"),
    Facet.CHILD_BORN: pgettext_lazy("seen", "the child's date of birth"),
    Facet.RELATIVE_NAME: pgettext_lazy("seen", "a relative's name"),
    Facet.RELATIVE_PHONE: pgettext_lazy("seen", "a relative's telephone"),
    Facet.RELATION: pgettext_lazy("seen", "how you are related"),
    Facet.PLATE: pgettext_lazy("seen", "number plate"),
    Facet.CONSENT: pgettext_lazy("seen", "what was agreed to"),
    Facet.NEVER: pgettext_lazy("seen", "who is never called"),
    Facet.COMMUNITY: pgettext_lazy("seen", "the community where you live"),
    Facet.STREET: pgettext_lazy("seen", "your street"),
    Facet.DRAFTED: pgettext_lazy("seen", "what is not sent yet"),
    Facet.HANDED: pgettext_lazy("seen", "what is on the card"),
    Facet.ANSWER: pgettext_lazy("seen", "the answer on the card"),
    Facet.MESSAGE: pgettext_lazy("seen", "messages"),
    Facet.KEY: pgettext_lazy("seen", "access keys"),
}


class Field(StrEnum):
    """What a column holds that is no facet."""

    PLAIN = "plain"
    """Says nothing of a person by itself: a state, a moment of a machine, what the school or an agency made known."""
    HIDDEN = "hidden"
    """Shown to nobody: a hash, a sealed answer, a lease."""
