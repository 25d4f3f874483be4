"""No guideline is published unless it says who reviewed it and when, by whatever road it comes."""

from datetime import date, timedelta
from typing import Any

import pytest

from content.models import GuidelinePage
from kernel.clock import local_day, now
from kernel.errors import Refused
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db


def form_of(page: GuidelinePage) -> dict[str, str]:
    """What the editor's page sends; the body's fields are made by its script."""
    return {
        "title": page.title, "slug": page.slug, "summary": page.summary, "audience": "staff", "picture": "",
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "heading", "body-0-value": "先听",
        "body-0-id": "", "review_by": "", "search_description": "",
        "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0",
    }  # fmt: skip


def shown(side: Side, page: GuidelinePage) -> int:
    return side.client().get(f"/guidelines/{page.slug}/").status_code


@pytest.mark.parametrize("lacks", ["reviewed_by", "reviewed_on"])
def test_the_button_asks_for_both_and_a_draft_is_kept_without(ours: Side, lacks: str) -> None:
    client = ours.client(ours.editor)
    review = {"reviewed_by": "心理中心", "reviewed_on": "2026-09-01", lacks: ""}
    sent = {**form_of(ours.draft), "title": "写到一半", **review}
    assert client.post(f"/cms/pages/{ours.draft.pk}/edit/", sent).status_code == 302, "a draft is saved as it is"
    ours.draft.refresh_from_db()
    assert ours.draft.get_latest_revision_as_object().title == "写到一半"
    answer = client.post(f"/cms/pages/{ours.draft.pk}/edit/", {**sent, "action-publish": "1"})
    assert answer.status_code == 200
    assert f"id_{lacks}" in answer.content.decode()
    assert shown(ours, ours.draft) == 404
    whole = {**sent, "reviewed_by": "心理中心", "reviewed_on": "2026-09-01", "action-publish": "1"}
    assert client.post(f"/cms/pages/{ours.draft.pk}/edit/", whole).status_code == 302
    assert shown(ours, ours.draft) == 200


@pytest.mark.parametrize(
    "review",
    [
        {"reviewed_by": "", "reviewed_on": date(2026, 9, 1)},
        {"reviewed_by": "  ", "reviewed_on": date(2026, 9, 1)},
        {"reviewed_by": "心理中心", "reviewed_on": None},
        {"reviewed_by": "心理中心", "reviewed_on": local_day(now()) + timedelta(days=1)},
    ],
)
def test_no_road_around_the_form_publishes_it(ours: Side, review: dict[str, Any]) -> None:
    for name, value in review.items():
        setattr(ours.draft, name, value)
    revision = ours.draft.save_revision(user=ours.editor, clean=False)
    with pytest.raises(Refused, match="guideline_unreviewed"):
        revision.publish(user=ours.editor, skip_permission_checks=True)
    assert shown(ours, ours.draft) == 404


def test_publishing_many_at_once_says_why_not(ours: Side) -> None:
    ours.draft.save_revision(user=ours.editor, clean=False)
    client = ours.client(ours.editor)
    answer = client.post(f"/cms/bulk/wagtailcore/page/publish/?id={ours.draft.pk}&next=/cms/")
    assert answer.status_code in {404, 422}
    assert shown(ours, ours.draft) == 404
