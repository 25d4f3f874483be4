"""The staff's family in the test town: every way that a question can stand."""

from datetime import date
from typing import Any

from families.models import Child, Consent, FamilyLink, Relative
from families.workflow import answer_consent, ask_consent, register_child, register_relative
from kernel.clock import now
from tests.fixtures_journey import Journey


def family_paths(journey: Journey, spouse: Relative, child: Child) -> dict[str, str]:
    """Addresses of the pages about ``spouse`` (asked about emergencies already) and the rest of the family."""
    staff = journey.staff
    agreed = _asked(staff, spouse, "tips")
    answer_consent(token=agreed, answer="agree")
    answer_consent(token=_asked(staff, spouse, "open_day"), answer="refuse")
    mother = register_relative(actor=staff, relation="parent", name="陈秀英", phone="0571-85550123")
    later = _asked(staff, mother, "emergency")
    _asked(staff, mother, "tips")
    FamilyLink.objects.filter(relative=mother, purpose="tips").update(expires_at=now())
    register_child(actor=journey.actors["staff2"], name=child.name, born=child.born)
    own = register_child(actor=staff, name="知夏", born=date(now().year - 3, 6, 9))
    given = Consent.objects.get(relative=spouse, purpose="tips")
    return {
        "family_later": f"/family/{later}/",
        "family_agreed": f"/family/{agreed}/",
        "relative": f"/my/family/relatives/{spouse.pk}/",
        "mother": f"/my/family/relatives/{mother.pk}/",
        "consent_end": f"/my/family/consents/{given.pk}/end/",
        "child_new": f"/my/family/children/new/?next=/apply/{journey.childcare.pk}/",
        "child_change": f"/my/family/children/{own.pk}/change/",
        "child_remove": f"/my/family/children/{child.pk}/remove/",
    }


def _asked(actor: Any, relative: Relative, purpose: str) -> str:
    return ask_consent(actor=actor, relative_id=relative.pk, purpose=purpose)
