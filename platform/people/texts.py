"""What a code of this app says to a person. Codes are stable, texts are not; nothing here names anybody."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Membership
from accounts.permissions import EMPLOYEES
from accounts.roles import Role
from disclosure.sentences import own_text, role_text, spaced
from disclosure.words import Reader
from people.roster.parse import RowIssue

Text = str | Promise

_NOTHING_OF_ITS_OWN: Final = frozenset({Role.STAFF, Role.MORAL, Role.DOCTOR})
"""Roles before which nothing stands open that is not open to every colleague."""


FIELDS: Final[Mapping[str, Text]] = {
    "staff_no": _("Staff number"),
    "name": pgettext_lazy("person", "Name"),
    "email": _("E-mail"),
    "phone": pgettext_lazy("person", "Telephone"),
    "department": _("Department"),
    "title": _("Form of address"),
    "gender": _("Gender"),
    "active_from": pgettext_lazy("person", "First day"),
    "left_on": _("Last day"),
    "roles": _("Roles"),
}

ISSUES: Final[Mapping[str, Text]] = {
    "required": _("This cell is empty."),
    "too_long": _("This is too long; at most %(detail)s characters."),
    "formula": _("The cell holds a formula or begins with = + - @. Paste the plain value."),
    "cell_error": _("The cell shows an error of the spreadsheet."),
    "damaged_number": _(
        "The spreadsheet has changed this number: it has more than 15 digits or is shown like 2.02E+11. Make the column text and type it again."
    ),
    "number_format": _("The cell shows something else than it holds. Make the column text and type what it shows."),
    "date_here": _("The spreadsheet made a date of this cell. Make the column text and type it again."),
    "private_sign": _("The cell holds a character that only one computer knows. Type it anew with another keyboard."),
    "namesake": _(
        "A member who is not on the list has this name, with another staff number. If it is the same person, correct the number. Nobody is marked as left this time."
    ),
    "unreadable": _("The cell cannot be read."),
    "not_email": _("This is not an e-mail address."),
    "not_phone": _("This is not a telephone number."),
    "not_gender": _("Write 女 or 男, or leave it empty."),
    "not_date": _("This is not a date; write it like %(detail)s."),
    "before_start": _("The last day lies before the first."),
    "twice": _("Row %(detail)s of the list has the same value."),
    "taken": _("Another member of the school has this address or number."),
    "no_contact": _("A new member needs an e-mail address or a telephone number to sign in."),
    "protected": _("An administrator cannot be marked as leaving by a list."),
    "has_left": _("This person has left. Bring them back on their own page, or add a column for the last day."),
}

REFUSALS: Final[Mapping[str, Text]] = {
    "roster_empty": _("The file holds no rows."),
    "roster_too_large": _("The file is too large; at most %(limit_mb)s MB."),
    "roster_too_many_rows": _("The list is too long; at most %(limit)s rows. Split it in two."),
    "roster_too_much_text": _("The list holds too much text. Split it in two, or leave out the columns nobody needs."),
    "roster_old_excel": _("This is the old Excel format. Save it as .xlsx or .csv and upload it again."),
    "roster_no_table": _(
        "This is a PDF or a picture. Upload the list itself: in the program it was made with, save it as .xlsx or .csv."
    ),
    "roster_merged": _(
        "The cells %(area)s are merged. Unmerge them, write in each what belongs there, and upload it again."
    ),
    "roster_encoding": _("The letters of the file cannot be read. Save it as UTF-8 or as .xlsx."),
    "roster_unreadable": _("The file cannot be read. Save it again as .xlsx or .csv."),
    "roster_header_missing": _("The first row lacks the column “%(field)s”."),
    "roster_header_twice": _("The first row names the column “%(field)s” twice."),
    "roster_all_hidden": _("Every sheet of the book is hidden. Show the sheet with the list and save the book."),
    "roster_lost": _("The uploaded file is no longer there. Upload it again."),
    "roster_one_at_a_time": _(
        "Another staff list of the school is still being read. Wait until that is done, or discard it."
    ),
    "roster_leavers_differ": _(
        "The number typed is not the number of members who would be marked as left. Nothing was written. Check the list once more."
    ),
    "roster_leavers_unconfirmed": _(
        "More than one in ten of the staff would be marked as left. Type their number on the list's page first."
    ),
    "roster_begun": _("Writing has begun; it can no longer be discarded."),
    "roster_being_read": _("The list is still being read."),
    "roster_discarded": _("This list was discarded. Upload it again."),
    "member_exists": _("This person is a member already."),
    "own_roles": _("Your own roles and last day are changed by another administrator."),
    "last_admin": _("The school needs at least one administrator."),
    "role_conflict": _("An administrator hands out roles, so they cannot also decide on applications or money."),
    "department_in_use": _("People belong to this department; move them first."),
    "department_taken": _("There is a department with this name."),
    "department_name": _("A department needs a name of at most 60 characters."),
    "staff_no_taken": _("Another member has this staff number."),
    "email_held": _("Another member of the school has this e-mail address."),
    "phone_held": _("Another member of the school has this telephone number."),
    "email_invalid": _("This is not an e-mail address."),
    "no_contact": _("An e-mail address or a telephone number is needed to sign in."),
    "phone_invalid": _("This is not a telephone number."),
    "before_start": _("The last day lies before the first."),
    "member_roles": _("Choose at least one role."),
    "member_name": _("A name is needed."),
    "invitation_needless": _("This person needs no invitation."),
    "invitation_too_soon": _("An invitation was sent within the last hour."),
}


def role_sees(role: str) -> str:
    """What somebody with a role may see, said where it is given; from the table of disclosures."""
    own = role in EMPLOYEES
    if role in _NOTHING_OF_ITS_OWN:
        return spaced([own_text(), role_text(Reader.COLLEAGUE, own=own)])
    return role_text(Reader(role), own=own)


def account_text(member: Membership) -> Text:
    """How far a member is from taking the place: the same for who has an account elsewhere and who has none."""
    if not member.waits:
        return _("Place taken")
    if not member.email:
        return _("No e-mail address, so no invitation")
    return _("Invited") if member.invited_at else _("Not invited yet")


def issue_text(issue: RowIssue) -> str:
    """The sentence for a row of a staff list."""
    return str(ISSUES.get(issue.code, ISSUES["unreadable"])) % {"detail": issue.detail}


def refusal_text(code: str, params: Mapping[str, object]) -> str | None:
    """The sentence for a refusal of this app; None for a code it does not know."""
    row = REFUSALS.get(code)
    if row is None:
        return None
    named = {**params, "field": FIELDS.get(str(params.get("field", "")), "")}
    return str(row) % named
