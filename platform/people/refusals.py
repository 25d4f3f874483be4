"""Refusals about members, departments, staff lists and invitations (rules §5). Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, GO_BACK, LOOK_AGAIN, NOTHING_CHANGED, Row

CHECK_FILE: Final = _("Correct the file and upload it again.")

ROWS: Final[dict[str, Row]] = {
    "roster_empty": Row(_("The file has no rows"), NOTHING_CHANGED, CHECK_FILE),
    "roster_encoding": Row(
        _("The file's characters cannot be read"), NOTHING_CHANGED, _("Save it as CSV in UTF-8 or GB18030, or as XLSX.")
    ),
    "roster_header_missing": Row(_("A column is missing"), NOTHING_CHANGED, CHECK_FILE),
    "roster_header_twice": Row(_("A column stands there twice"), NOTHING_CHANGED, CHECK_FILE),
    "roster_old_excel": Row(_("This is an old Excel file"), NOTHING_CHANGED, _("Save it as .xlsx or CSV.")),
    "roster_no_table": Row(
        _("This is a paper or a picture, not a table"), NOTHING_CHANGED, _("Upload the list itself, as .xlsx or CSV.")
    ),
    "roster_merged": Row(_("Cells of the list are merged"), NOTHING_CHANGED, _("Unmerge them and fill each one.")),
    "roster_too_large": Row(_("The file is too large"), NOTHING_CHANGED, _("Split it and upload the parts.")),
    "roster_too_many_rows": Row(_("The file has too many rows"), NOTHING_CHANGED, _("Split it and upload the parts.")),
    "roster_too_much_text": Row(
        _("The list holds too much text"), NOTHING_CHANGED, _("Split it and upload the parts.")
    ),
    "roster_unreadable": Row(_("The file cannot be opened"), NOTHING_CHANGED, _("Save it again as .xlsx or CSV.")),
    "invitation_needless": Row(_("This person needs no invitation."), NOTHING_CHANGED, GO_BACK),
    "invitation_too_soon": Row(
        _("An invitation was sent within the last hour."), NOTHING_CHANGED, _("Wait a while before you send another.")
    ),
    "member_exists": Row(
        _("This person is a member already."),
        NOTHING_CHANGED,
        _("Open the list of members and change the person there."),
    ),
    "member_name": Row(_("A name is needed."), NOTHING_CHANGED, CHECK_INPUT),
    "member_roles": Row(_("Choose at least one role."), NOTHING_CHANGED, CHECK_INPUT),
    "department_name": Row(_("A department needs a name of at most 60 characters."), NOTHING_CHANGED, CHECK_INPUT),
    "department_taken": Row(_("There is a department with this name."), NOTHING_CHANGED, _("Choose another name.")),
    "department_in_use": Row(
        _("People belong to this department"), NOTHING_CHANGED, _("Move them to another department first.")
    ),
    "roster_begun": Row(_("Writing has begun; it can no longer be discarded."), NOTHING_CHANGED, LOOK_AGAIN),
    "roster_being_read": Row(_("The list is still being read."), NOTHING_CHANGED, LOOK_AGAIN),
    "roster_discarded": Row(_("This list was discarded"), NOTHING_CHANGED, _("Upload it again.")),
    "formula": Row(_("A cell holds a formula"), NOTHING_CHANGED, _("Paste the values only, then upload it again.")),
    "no_contact": Row(
        _("How will the person sign in?"), NOTHING_CHANGED, _("Give an e-mail address or a telephone number.")
    ),
    "email_invalid": Row(_("This is not an e-mail address."), NOTHING_CHANGED, CHECK_INPUT),
    "staff_no_taken": Row(_("Another member has this staff number."), NOTHING_CHANGED, CHECK_INPUT),
    "before_start": Row(_("The last day lies before the first."), NOTHING_CHANGED, CHECK_INPUT),
    "own_roles": Row(
        _("Your own roles are changed by somebody else"),
        _("So that nobody gives or takes away their own rights. Nothing was changed."),
        _("Ask another administrator of the school."),
    ),
    "own_factor": Row(
        _("Your own second step is taken off by somebody else"),
        NOTHING_CHANGED,
        _("Ask another operator, or use one of your spare codes."),
    ),
    "recovery_check": Row(_("Say how you made sure who asks."), NOTHING_CHANGED, CHECK_INPUT),
    "last_admin": Row(
        _("The school needs at least one administrator."), NOTHING_CHANGED, _("Give a second person the role first.")
    ),
    "bureau_only": Row(
        _("Only an education bureau has this role"),
        NOTHING_CHANGED,
        _("Leave it unticked. The operator enters a bureau and its people."),
    ),
    "role_conflict": Row(
        _("These roles do not go together"),
        _("An administrator hands out roles, so they cannot also decide on applications or money."),
        _("Choose one of the two."),
    ),
    "email_held": Row(_("Another member of the school has this e-mail address."), NOTHING_CHANGED, CHECK_INPUT),
    "phone_held": Row(_("Another member of the school has this telephone number."), NOTHING_CHANGED, CHECK_INPUT),
    "roster_all_hidden": Row(_("Every sheet of the book is hidden"), NOTHING_CHANGED, CHECK_FILE),
    "roster_lost": Row(_("The uploaded file is no longer there"), NOTHING_CHANGED, _("Upload it again.")),
    "roster_one_at_a_time": Row(_("Another staff list is still being read"), NOTHING_CHANGED, LOOK_AGAIN),
    "roster_leavers_differ": Row(
        _("The number typed is not the number of those who would leave"),
        NOTHING_CHANGED,
        _("Check the list once more."),
    ),
    "roster_leavers_unconfirmed": Row(
        _("Too many would leave to write the list unasked"), NOTHING_CHANGED, _("Type their number on the list's page.")
    ),
}
