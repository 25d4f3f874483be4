"""The expert pool: by kind, reach and agreement, looked for, paged, given as a file (row 14.9)."""

from typing import Any
from uuid import uuid4

import pytest

from audit.models import AuditEntry
from kernel.errors import DomainError, Forbidden, NotFound
from partners.models import Agreement
from referrals.emergency.models import Expert
from referrals.emergency.workflow.experts import add_expert, change_expert, end_expert
from tests.conftest import actor_of, make_person
from tests.emergency.ready import agreed
from tests.emergency.test_duty_pages import browser

pytestmark = pytest.mark.django_db
PAGE = "/centre/emergency/experts/"


@pytest.fixture
def centre(open_school: Any) -> Any:
    return make_person(open_school, "centre")


def expert(by: Any, **values: Any) -> Expert:
    given = {"name": "林一", "kind": "psychologist", "reach": "school", "phone": "13800138000", "partner_id": None}
    return add_expert(actor=actor_of(by), **(given | values))


def test_found_by_kind_reach_and_whether_the_agreement_holds(open_school: Any, centre: Any) -> None:
    holding, over = (agreed(open_school, centre, name, "hospital") for name in ("市立医院", "旧医院"))
    Agreement.objects.filter(partner=over).update(valid_until=open_school.today())
    lapsed = agreed(open_school, centre, "新医院", "hospital")
    Agreement.objects.filter(partner=lapsed).update(data_part_valid_until=open_school.today())
    expert(centre, name="林一", partner_id=holding.pk)
    expert(centre, name="戴四", partner_id=lapsed.pk)
    expert(centre, name="毛二", kind="psychiatrist", reach="online", partner_id=over.pk)
    expert(centre, name="章三", kind="crisis", reach="district", phone="")
    client = browser(open_school, centre)

    def found(query: str) -> set[str]:
        page = client.get(f"{PAGE}?{query}").text
        return {name for name in ("林一", "毛二", "章三", "戴四") if f">{name}</a>" in page}

    assert found("") == {"林一", "毛二", "章三", "戴四"}
    assert found("kind=psychiatrist") == {"毛二"} and found("reach=district") == {"章三"}
    assert found("agreement=valid") == {"林一"} and found("agreement=none") == {"毛二", "章三", "戴四"}
    assert found("q=毛") == {"毛二"} and found("kind=nonsense&page=99999999999999999999") == {
        "林一",
        "毛二",
        "章三",
        "戴四",
    }
    file = client.get("/centre/emergency/experts.csv?agreement=none")
    text = b"".join(file.streaming_content).decode() if file.streaming else file.text
    assert "毛二" in text and "没有有效协议" in text and "林一" not in text
    assert AuditEntry.objects.filter(action="expert.export").count() == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": " "}, "expert_name"), ({"kind": "wizard"}, "expert_kind"), ({"reach": "moon"}, "expert_kind"),
        ({"phone": "12"}, "phone_invalid"), ({"partner_id": uuid4()}, "expert_partner"),
    ],
)  # fmt: skip
def test_what_no_expert_is(centre: Any, values: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        expert(centre, **values)
    assert caught.value.reason == code and not Expert.objects.exists() and not AuditEntry.objects.exists()


def test_who_is_taken_out_is_asked_no_more_and_the_number_goes(open_school: Any, centre: Any) -> None:
    row = expert(centre)
    client = browser(open_school, centre)
    form = {"name": "林一一", "kind": "crisis", "reach": "online", "phone": "", "partner": ""}
    assert client.post(f"{PAGE}{row.pk}/", form).status_code == 302
    assert client.post(f"{PAGE}new/", form | {"name": ""}).status_code == 422
    assert client.post(f"{PAGE}new/", form | {"name": "新"}).status_code == 302
    end = f"{PAGE}{row.pk}/end/"
    assert client.post(end).status_code == 302 and client.post(end, follow=True).status_code == 200
    row.refresh_from_db()
    assert (row.name, row.kind, row.phone) == ("林一一", "crisis", "") and row.ended_at
    assert "林一一" not in client.get(PAGE).text and client.get(f"{PAGE}{row.pk}/").status_code == 404
    with pytest.raises(NotFound):
        change_expert(
            actor=actor_of(centre), expert_id=row.pk, name="a", kind="crisis", reach="online", phone="", partner_id=None
        )
    with pytest.raises(NotFound):
        end_expert(actor=actor_of(centre), expert_id=row.pk)
    for role in ("duty", "principal"):
        member = make_person(open_school, role)
        assert browser(open_school, member).get(PAGE).status_code == 200
        with pytest.raises(Forbidden):
            expert(member)
    for role in ("staff", "admin", "union"):
        assert browser(open_school, make_person(open_school, role)).get(PAGE).status_code == 404
