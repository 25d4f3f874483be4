"""The operator's library as a test finds it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from content.models import GuidelineIndexPage, GuidelinePage, SchoolImage, SchoolSite, TipIndexPage, TipPage
from tests.content.pictures import png
from tests.fixtures_journey import make_operator, make_platform

DAY = date(2026, 9, 1)


@dataclass
class Library:
    """The operator's side: one guideline, one tip, one draft."""

    tenant: Any
    operator: User
    school: SchoolSite
    guideline: GuidelinePage
    tip: TipPage
    draft: TipPage

    def client(self, user: Any = None) -> Client:
        """A browser on the platform's host, in English."""
        client = Client(headers={"host": self.tenant.host, "accept-language": "en"})
        if user is not None:
            client.force_login(user)
        return client


def published(page: Any) -> Any:
    """``page`` after its newest words went out."""
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def build_library(foreign_host: str, mark: str = "") -> Library:
    """The library with one guideline, full of links that no copy may carry, one tip and one draft; ``mark`` ends their addresses."""
    operator = make_operator()
    tenant = make_platform()
    school = SchoolSite.objects.select_related("site__root_page", "collection").get(tenant=tenant)
    home = school.site.root_page
    picture = SchoolImage.objects.create(
        title="库里的图", collection=school.collection, file=SimpleUploadedFile("a.png", png())
    )
    tips = TipIndexPage.objects.child_of(home).get()
    tip = published(tips.add_child(instance=TipPage(title="库里的贴士", slug=f"tip{mark}", summary="一", minutes=7,
                                                    body=[("paragraph", "<p>喝口水。</p>")])))  # fmt: skip
    html = (
        f'<p>先听。<a linktype="page" id="{tip.pk}">库里另一页</a><a href="http://{foreign_host}:8000/tips/">别校</a>'
        f'<a href="//{tenant.host.upper()}./cms/">平台</a><a href="https://www.12356.example/">外面</a><a href="/services/">价目</a></p>'
    )
    guidelines = GuidelineIndexPage.objects.child_of(home).get()
    guideline = GuidelinePage(title="库里的指南", slug=f"guide{mark}", summary="二", audience="new_staff", picture=picture,
                              reviewed_by="平台编辑", reviewed_on=DAY, review_by=date(2027, 9, 1),
                              body=[("paragraph", html), ("callout", {"title": "记住", "text": html})])  # fmt: skip
    guideline = published(guidelines.add_child(instance=guideline))
    draft = tips.add_child(instance=TipPage(title="库里的草稿", slug=f"d{mark}", summary="三", live=False, body=[]))
    return Library(tenant, User.objects.get(pk=operator.user_id), school, guideline, tip, draft)
