"""What a school took from the library keeps its guard and its links, whatever the library does and in whichever order."""

from itertools import permutations
from typing import Any

import pytest

from content.library import take_all, take_newer
from content.models import GuidelinePage, TipPage
from content.richtext import linked_pages
from kernel.errors import Refused
from tenancy.scope import use_tenant
from tests.content.conftest import Side
from tests.content.stock import Library, published
from tests.content.test_library import DAY, editor_of, taken

pytestmark = pytest.mark.django_db
WITH_LIBRARY = True


def words_of(page: Any) -> str:
    """All that the newest draft says."""
    draft = page.get_latest_revision_as_object()
    draft.tidy()
    return str(list(draft.body.get_prep_value()))


def tip_back(library: Library) -> None:
    """The library's tip links to its guideline, which links to the tip."""
    html = f'<p>喝口水。<a linktype="page" id="{library.guideline.pk}">再读一页</a></p><p>好。</p>'
    library.tip.body = [("paragraph", html), ("heading", "小标题")]
    published(library.tip)


def test_an_unread_copy_stays_unread_when_the_library_throws_its_page_away(ours: Side, library: Library) -> None:
    page = taken(ours, library.tip)
    library.tip.delete()
    page = TipPage.objects.get(pk=page.pk)
    assert page.adopted_from_id is None
    with pytest.raises(Refused, match="tip_unreviewed"):
        page.latest_revision.publish(user=ours.editor, skip_permission_checks=True)
    revision = page.latest_revision
    del revision.content["was_adopted"]  # as versions were stored before it was kept
    revision.save()
    with pytest.raises(Refused, match="tip_unreviewed"):
        TipPage.objects.get(pk=page.pk).latest_revision.publish(user=ours.editor, skip_permission_checks=True)
    assert not TipPage.objects.get(pk=page.pk).live
    page.reviewed_by, page.reviewed_on = "心理中心", DAY
    page.save_revision(user=ours.editor).publish(user=ours.editor, skip_permission_checks=True)
    stored = TipPage.objects.get(pk=page.pk)
    assert (stored.live, stored.was_adopted) == (True, True)


@pytest.mark.parametrize("order", list(permutations(("guideline", "tip"))), ids="-".join)
def test_links_between_two_pages_lead_to_the_schools_own_copies(
    ours: Side, library: Library, order: tuple[str, ...]
) -> None:
    tip_back(library)
    first = taken(ours, getattr(library, order[0]))
    assert not linked_pages(words_of(first)), "the other page is not here: its words stand without a link"
    second = taken(ours, getattr(library, order[1]))
    for page, other in ((first, second), (second, first)):
        stored = type(page).objects.get(pk=page.pk)
        assert linked_pages(words_of(stored)) == {other.pk}
        draft = stored.get_latest_revision_as_object()
        draft.reviewed_by, draft.reviewed_on = "心理中心", DAY
        draft.save_revision(user=ours.editor).publish(user=ours.editor, skip_permission_checks=True)
    assert f'{second.href}">' in ours.client().get(first.href).content.decode()
    assert f'{first.href}">' in ours.client().get(second.href).content.decode()


def test_a_school_is_born_with_links_between_its_own_copies(ours: Side, library: Library) -> None:
    tip_back(library)
    take_all(tenant=ours.tenant)
    guideline = GuidelinePage.objects.get(adopted_from=library.guideline.pk)
    tip = TipPage.objects.get(adopted_from=library.tip.pk)
    assert linked_pages(words_of(guideline)) == {tip.pk}
    assert linked_pages(words_of(tip)) == {guideline.pk}


def test_what_the_school_has_written_itself_is_left_alone(ours: Side, library: Library) -> None:
    tip_back(library)
    tip = taken(ours, library.tip)
    draft = tip.get_latest_revision_as_object()
    draft.body = [("paragraph", "<p>喝口茶。再读一页</p>")]
    draft.save_revision(user=ours.editor)
    number = TipPage.objects.get(pk=tip.pk).latest_revision_id
    taken(ours, library.guideline)
    assert TipPage.objects.get(pk=tip.pk).latest_revision_id == number


def test_a_newer_version_links_to_what_is_here(ours: Side, library: Library) -> None:
    tip, guideline = taken(ours, library.tip), taken(ours, library.guideline)
    tip_back(library)
    with use_tenant(ours.tenant.id):
        take_newer(actor=editor_of(ours), user=ours.editor, page_id=tip.pk)
    assert linked_pages(words_of(TipPage.objects.get(pk=tip.pk))) == {guideline.pk}
