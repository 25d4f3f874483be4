"""A second pair of eyes: what editors call ready is read by the centre, and only checked words about a crisis go out."""

from datetime import date
from typing import Any

import pytest
from wagtail.models import PageLogEntry
from wagtail.test.utils.form_data import nested_form_data, streamfield

from content.checking import say_checked, send_back, waiting_at
from content.models import GuidelinePage
from content.textchecks import Kind, findings_of
from kernel.errors import Conflict, Forbidden, NotFound, Refused
from tests.conftest import actor_of, make_person
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 29)


def ready(side: Side, **fields: Any) -> GuidelinePage:
    """The draft, as the editor last saved it, ready to be read."""
    for name, value in {"is_ready": True, **fields}.items():
        setattr(side.draft, name, value)
    side.draft.save_revision(user=side.editor, clean=False)
    return side.draft


def newest(page: GuidelinePage) -> Any:
    page.refresh_from_db()
    return page.get_latest_revision_as_object()


def test_the_centre_reads_it_and_the_editor_publishes(ours: Side) -> None:
    page = ready(ours)
    centre = make_person(ours.tenant, "centre")
    client = ours.client(centre.user)
    assert page.title in client.get("/centre/texts/").content.decode()
    shown = client.get(f"/centre/texts/{page.pk}/").content.decode()
    assert "白鹭未发布" in shown
    form = {"revision": page.latest_revision_id, "office": "心理中心"}
    assert client.post(f"/centre/texts/{page.pk}/", form).status_code == 302
    draft = newest(page)
    assert (draft.reviewed_by, draft.reviewed_on, draft.is_ready) == ("心理中心", ours.tenant.today(), False)
    assert not page.live, "nothing is published by the check"
    assert waiting_at(ours.tenant.id) == []
    assert PageLogEntry.objects.filter(page=page.pk, action="content.checked", user=centre.user).exists()
    page.latest_revision.publish()
    assert ours.client().get("/guidelines/draft/").status_code == 200


def test_words_about_a_crisis_go_out_only_as_they_were_checked(ours: Side) -> None:
    page = ready(ours, is_sensitive=True, reviewed_by="心理中心", reviewed_on=DAY)
    with pytest.raises(Refused, match="text_unchecked"):
        page.latest_revision.publish()
    centre = make_person(ours.tenant, "duty")
    answer = {"user": centre.user, "page_id": page.pk, "office": "心理中心", "today": DAY}
    say_checked(actor=actor_of(centre), revision=page.latest_revision_id, **answer)
    checked = newest(page)
    assert (checked.checked_by, checked.checked_on, checked.is_checked) == ("心理中心", DAY, True)
    checked.body = [("paragraph", "<p>另外的话</p>")]
    checked.save_revision(user=ours.editor, clean=False)
    page.refresh_from_db()
    with pytest.raises(Refused, match="text_unchecked"):
        page.latest_revision.publish()
    assert ours.client().get("/guidelines/draft/").status_code == 404
    draft = newest(page)
    draft.is_ready = True
    draft.save_revision(user=ours.editor, clean=False)
    page.refresh_from_db()
    say_checked(actor=actor_of(centre), revision=page.latest_revision_id, **answer)
    page.refresh_from_db()
    page.latest_revision.publish()
    assert "另外的话" in ours.client().get("/guidelines/draft/").content.decode()


def test_a_text_that_was_changed_meanwhile_is_not_checked(ours: Side) -> None:
    page = ready(ours)
    read = page.latest_revision_id
    ready(ours, summary="改过的")
    centre = make_person(ours.tenant, "centre")
    with pytest.raises(Conflict, match="text_moved_on"):
        say_checked(
            actor=actor_of(centre), user=centre.user, page_id=page.pk, revision=read, office="心理中心", today=DAY
        )
    assert newest(page).reviewed_by == ""


def test_given_back_with_a_word(ours: Side) -> None:
    page = ready(ours)
    centre = make_person(ours.tenant, "centre")
    client = ours.client(centre.user)
    address = f"/centre/texts/{page.pk}/back/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"revision": page.latest_revision_id, "note": " "}).status_code == 200, (
        "a word is asked for"
    )
    assert newest(page).is_ready
    assert client.post(address, {"revision": page.latest_revision_id, "note": "第二段太长"}).status_code == 302
    assert not newest(page).is_ready
    history = ours.client(ours.editor).get(f"/cms/pages/{page.pk}/history/").content.decode()
    assert "第二段太长" in history


def test_a_draft_without_a_text_is_neither_ready_nor_checked(ours: Side) -> None:
    edit = f"/cms/pages/{ours.draft.pk}/edit/"
    editor = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "zh-hans"})
    fields = nested_form_data(
        {"title": ours.draft.title, "slug": "draft", "summary": "", "body": streamfield([]), "is_ready": "on"}
    )
    shown = editor.post(edit, fields).content.decode()
    assert "还没有内容可看" in shown
    assert not newest(ours.draft).is_ready
    page = ready(ours, body=[])  # as one stood before it was asked
    centre = make_person(ours.tenant, "centre")
    client = ours.client(centre.user, headers={"host": ours.tenant.host, "accept-language": "zh-hans"})
    address = f"/centre/texts/{page.pk}/"
    assert "没有可看的内容" in (told := client.get(address).content.decode())
    assert 'name="office"' not in told
    answer = client.post(address, {"revision": page.latest_revision_id, "office": "心理中心"})
    assert answer.status_code == 422
    assert "还没有内容可看" in answer.content.decode()
    with pytest.raises(Refused, match="text_empty"):
        say_checked(
            actor=actor_of(centre), user=centre.user, page_id=page.pk, revision=page.latest_revision_id,
            office="心理中心", today=DAY,
        )  # fmt: skip
    assert newest(page).reviewed_by == ""


def test_back_to_a_text_that_was_answered_says_what_became_of_it(ours: Side, theirs: Side) -> None:
    page, centre = ready(ours), make_person(ours.tenant, "centre")
    client = ours.client(centre.user, headers={"host": ours.tenant.host, "accept-language": "zh-hans"})
    address = f"/centre/texts/{page.pk}/"
    form = {"revision": page.latest_revision_id, "office": "心理中心"}
    assert client.post(address, form).status_code == 302
    for path in (address, f"{address}back/"):
        answer = client.get(path, follow=True)
        assert answer.status_code == 200
        assert "心理中心已经写明看过" in answer.content.decode()
        assert 'href="/centre/texts/"' in answer.content.decode()
    again = client.post(address, form)
    assert again.status_code == 409, "sent a second time"
    assert "心理中心已经写明看过" in again.content.decode()
    page = ready(ours)
    client.post(f"{address}back/", {"revision": page.latest_revision_id, "note": "第二段太长"})
    assert "第二段太长" in client.get(address).content.decode()
    fresh = ready(theirs)  # of another school, and one that was taken back before anybody answered
    fresh.is_ready = False
    fresh.save_revision(user=theirs.editor, clean=False)
    assert client.get(f"/centre/texts/{fresh.pk}/").status_code == 404
    their_centre = theirs.client(make_person(theirs.tenant, "centre").user)
    told = their_centre.get(f"/centre/texts/{fresh.pk}/").content.decode()
    assert fresh.title not in told, "what editors still write is theirs"
    assert 'href="/centre/texts/"' in told


def test_who_may_not(ours: Side, theirs: Side) -> None:
    page, foreign = ready(ours), ready(theirs)
    centre = make_person(ours.tenant, "centre")
    client = ours.client(centre.user)
    assert foreign.title not in client.get("/centre/texts/").content.decode()
    for address in (f"/centre/texts/{foreign.pk}/", f"/centre/texts/{foreign.pk}/back/", "/centre/texts/999999/"):
        assert client.get(address).status_code == 404, address
        assert (
            client.post(address, {"revision": foreign.latest_revision_id, "office": "x", "note": "x"}).status_code
            == 404
        )
    for role in ("editor", "staff", "union"):
        person = make_person(ours.tenant, role)
        assert ours.client(person.user).get("/centre/texts/").status_code == 404, role
        with pytest.raises(Forbidden):
            send_back(
                actor=actor_of(person), user=person.user, page_id=page.pk, revision=page.latest_revision_id, note="x"
            )
    with pytest.raises(NotFound):
        say_checked(actor=actor_of(centre), user=centre.user, page_id=foreign.pk, revision=foreign.latest_revision_id,
                    office="x", today=DAY)  # fmt: skip
    assert newest(foreign).reviewed_by == ""


@pytest.mark.parametrize(
    ("html", "kinds"),
    [
        ("<p>先听完，再开口。</p>", []),
        ("<p>有人说过不想活，请马上打 12356。</p>", [Kind.UNTICKED]),
        ("<p>有人说过不想活。</p>", [Kind.NO_HELP, Kind.UNTICKED]),
        ("<p>新闻里写了割腕。12356</p>", [Kind.METHOD, Kind.UNTICKED]),
        ("<p>一次吃三十片药</p>", []),
        ("<p>他吞了药</p>", [Kind.METHOD]),
        ("<p>别把抑郁症患者当外人</p>", [Kind.UNTICKED, Kind.LABEL]),
        (f"<p>{'很长' * 31}。</p>", [Kind.LONG]),
        (f"<p>{'不长' * 29}。{'不长' * 29}。</p>", []),
        ("<p>long English sentences " + "word " * 30 + "</p>", []),
        ('<p><a href="https://example.org/">点击这里</a></p>', [Kind.LINK]),
        ('<p><a href="https://example.org/">价目表</a></p>', []),
    ],
)
def test_findings(ours: Side, html: str, kinds: list[Kind]) -> None:
    ours.draft.body = [("paragraph", html)]
    assert [finding.kind for finding in findings_of(ours.draft)] == kinds


def test_findings_in_other_blocks_of_a_ticked_page_and_its_picture(ours: Side) -> None:
    ours.image.description = ""
    ours.image.save()
    page = ours.draft
    page.is_sensitive, page.picture = True, ours.image
    page.body = [
        ("phrase", {"avoid": "你就是玻璃心", "say": "我在听", "why": ""}),
        ("heading", "提到自杀的时候，打 12356"),
    ]
    assert [finding.kind for finding in findings_of(page)] == [Kind.LABEL, Kind.ALT]
    shown = ours.client(ours.editor).get(f"/cms/pages/{page.pk}/edit/").content.decode()
    assert "xq-findings" in shown
