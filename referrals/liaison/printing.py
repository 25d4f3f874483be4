"""One numbered copy of a letter as a file. A machine without the PDF engine gives no number away."""

from django.http import HttpResponse

from accounts.actor import ActingRequest
from referrals.liaison.models import HandOn
from referrals.liaison.paper import letter_address, letter_pdf
from referrals.liaison.workflow.letters import check_letter, number_letter


def print_letter(request: ActingRequest, case: HandOn) -> HttpResponse:
    """The next copy. Raises as ``workflow.letters.check_letter``."""
    check_letter(request.actor, case)
    scheme = request.scheme or "http"
    letter_pdf(request.tenant, case, 0, letter_address(request.tenant, "0" * 27, scheme=scheme))
    printed = number_letter(actor=request.actor, case_id=case.pk)
    address = letter_address(request.tenant, printed.token, scheme=scheme)
    response = HttpResponse(
        letter_pdf(request.tenant, case, printed.copy.number, address), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'attachment; filename="letter-{printed.copy.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
