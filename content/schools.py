"""Creates a school's site in Wagtail and keeps its editors. The only writers of sites, groups and collections."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page, Site

from content.blocks import ANY, DUTY
from content.models import GuidelineIndexPage, HomePage, SchoolSite, TipIndexPage
from tenancy.models import Tenant

_PAGES = ("add_page", "change_page", "publish_page")
_MEDIA = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")
GUIDELINES, TIPS = "guidelines", "tips"


@transaction.atomic
def create_school_site(*, tenant: Tenant, name: str, host: str, port: int) -> Site:
    """Site, home page with its two lists, folder for pictures and files, and the group of editors.

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
    return site


def _home(slug: str, name: str) -> HomePage:
    return HomePage(
        title=name,
        slug=slug,
        hero_title=_("You are not alone with this."),
        intro=_(
            "For everyone who works here, and for their families. Read without signing in; nobody asks for reasons."
        ),
        tasks=[
            ("task", _task(_("I want to talk to someone"), _("What the school pays is shown first"), "counselling")),
            ("task", _task(_("We need a hand at home"), _("Children, housework, ageing parents"), ANY)),
            ("task", _task(_("I worry about a colleague"), _("Call the duty line, plain facts are enough"), DUTY)),
        ],
    )


def _task(title: str, note: str, destination: str) -> dict[str, str]:
    return {"title": title, "note": note, "destination": destination}


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


def grant_editor(user: Any, tenant: Tenant) -> None:
    """Let ``user`` edit the school's pages. The gate asks for the role ``cms.edit`` as well. Twice is the same as once."""
    user.groups.add(SchoolSite.objects.get(tenant=tenant).editors_id)


def revoke_editor(user: Any, tenant: Tenant) -> None:
    """Take the right to edit the school's pages from ``user``; other schools' stay."""
    user.groups.remove(SchoolSite.objects.get(tenant=tenant).editors_id)
