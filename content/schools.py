"""Creates a school's site in Wagtail and what its editors may do there. The only writer of sites, groups and collections."""

from typing import Final

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import override
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page, Site

from content.blocks import ANY, DUTY
from content.models import (
    ActivityIndexPage,
    FestivalsPage,
    GuidelineIndexPage,
    HomePage,
    QuietIndexPage,
    SchoolSite,
    TipIndexPage,
)
from tenancy.models import Tenant, TenantKind

_PAGES = ("add_page", "change_page", "publish_page")
_MEDIA = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")
GUIDELINES, TIPS, QUIET, ACTIVITIES, FESTIVALS = "guidelines", "tips", "quiet", "activities", "festivals"


@transaction.atomic
def create_school_site(*, tenant: Tenant, name: str, host: str, port: int) -> Site:
    """Site, home page with its two lists, folder for pictures and files, and the group that says what editors may do.

    ``port`` is only written into absolute addresses; the host alone decides. IntegrityError when the school has a site.
    """
    # The school's first words are Chinese, whatever language the operator works in.
    with override(settings.LANGUAGE_CODE):
        return _create(tenant, name, host, port)


def _create(tenant: Tenant, name: str, host: str, port: int) -> Site:
    _remove_starter_site()
    home = Page.get_first_root_node().add_child(instance=_home(tenant.slug, name))
    site = Site.objects.create(hostname=host, port=port, site_name=name, root_page=home, is_default_site=False)
    collection = Collection.get_first_root_node().add_child(instance=Collection(name=name))
    editors = Group.objects.create(name=f"{tenant.slug} editors")
    _allow(editors, home, collection)
    SchoolSite.objects.create(tenant=tenant, site=site, collection=collection, editors=editors)
    home.add_child(instance=GuidelineIndexPage(title=_("Guidelines"), slug=GUIDELINES))
    home.add_child(instance=TipIndexPage(title=_("Tips for families"), slug=TIPS))
    if tenant.kind != TenantKind.PLATFORM:
        home.add_child(instance=QuietIndexPage(title=_("A quiet corner"), slug=QUIET))
        activities = home.add_child(instance=ActivityIndexPage(title=_("Activities"), slug=ACTIVITIES))
        activities.add_child(instance=FestivalsPage(title=_("The year's festivals"), slug=FESTIVALS))
    return site


HEADLINE: Final = _lazy("You are not alone with this.")
INTRODUCTION: Final = _lazy(
    "For everyone who works here, and for their families. Read without signing in; nobody asks for reasons."
)
TASKS: Final = (
    (_lazy("I want to talk to someone"), _lazy("What the school pays is shown first"), "counselling"),
    (_lazy("We need a hand at home"), _lazy("Children, housework, ageing parents"), ANY),
    (_lazy("I worry about a colleague"), _lazy("Call the duty line, plain facts are enough"), DUTY),
)


def _home(slug: str, name: str) -> HomePage:
    """In Chinese, which is the open language, and in English for who asks for it."""
    return HomePage(
        title=name,
        slug=slug,
        hero_title=str(HEADLINE),
        hero_title_en=_in_english(HEADLINE),
        intro=str(INTRODUCTION),
        intro_en=_in_english(INTRODUCTION),
        tasks=[("task", _task(*task)) for task in TASKS],
    )


def _task(title: Promise, note: Promise, destination: str) -> dict[str, str]:
    return {
        "title": str(title),
        "title_en": _in_english(title),
        "note": str(note),
        "note_en": _in_english(note),
        "destination": destination,
    }


def _in_english(text: Promise) -> str:
    with override("en"):
        return str(text)


def _remove_starter_site() -> None:
    # Wagtail's first migration leaves a default site that would answer for every unknown host.
    for site in Site.objects.filter(is_default_site=True, school__isnull=True).select_related("root_page"):
        page = site.root_page
        site.delete()
        if page.specific_class is Page and page.depth > 1 and page.numchild == 0:
            page.delete()


def _allow(editors: Group, home: Page, collection: Collection) -> None:
    found = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.select_related("content_type").filter(
            content_type__app_label__in=("wagtailadmin", "wagtailcore", "wagtailimages", "wagtaildocs")
        )
    }
    editors.permissions.add(found["wagtailadmin", "access_admin"])
    GroupPagePermission.objects.bulk_create(
        GroupPagePermission(group=editors, page=home, permission=found["wagtailcore", codename]) for codename in _PAGES
    )
    GroupCollectionPermission.objects.bulk_create(
        GroupCollectionPermission(
            group=editors,
            collection=collection,
            permission=found["wagtailimages" if codename.endswith("image") else "wagtaildocs", codename],
        )
        for codename in _MEDIA
    )
