"""What the pages of checking have to show: a draft about a hard moment that the editors have called ready."""

from content.models import GuidelineIndexPage, GuidelinePage, SchoolSite
from tests.fixtures_journey import Journey


def text_paths(journey: Journey) -> dict[str, str]:
    """In the school whose pages are looked at."""
    home = SchoolSite.objects.select_related("site__root_page").get(tenant=journey.tenant).site.root_page
    index = GuidelineIndexPage.objects.child_of(home).get()
    draft = GuidelinePage(
        title="同事说“不想活了”，我该怎么接", slug="when-someone-says-it", live=False, is_ready=True, is_sensitive=True,
        summary="先留在身边，再一起打电话。不用会讲道理。",
        body=[
            ("paragraph", "<p>听到这句话，先不要走开，也不要劝。看着对方，说一句：“谢谢你告诉我，我在。”</p>"),
            ("phrase", {"avoid": "别想不开，想想孩子。", "say": "我不走。我们一起打 12356，好吗？", "why": "陪着做一件事，比讲道理有用。"}),
            ("paragraph", "<p>如果对方已经有了打算，或者您说不准，就打 120，再打学校值班电话；打电话的时候一直留在身边，等接替的人到了再走，别让任何人单独待着，也别把这件事只留在自己心里。</p>"),
        ],
    )  # fmt: skip
    index.add_child(instance=draft)
    draft.save_revision(clean=False)
    return {"text_to_check": f"/centre/texts/{draft.pk}/"}
