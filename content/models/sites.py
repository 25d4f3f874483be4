"""Which site, which folder of pictures and files, and which editors belong to a school."""

from typing import Any, ClassVar, Final

from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection, Site

from tenancy.editions import begin_new

HOME_PATH: Final = 8
"""A school's home stands directly below the tree's root; four characters a level (treebeard's steplen)."""


class SchoolSite(models.Model):
    """The site, collection and editors' group of one school. Not a tenant table: it is found by the host,
    before the reader is known.
    """

    tenant = models.OneToOneField("tenancy.Tenant", models.PROTECT, related_name="+", verbose_name=_("school"))
    site = models.OneToOneField(Site, models.PROTECT, related_name="school")
    collection = models.OneToOneField(Collection, models.PROTECT, related_name="+")
    editors = models.OneToOneField(Group, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("school site")
        constraints: ClassVar = []

    def __str__(self) -> str:
        return str(self.site)

    @classmethod
    def show_anew(cls, **whose: Any) -> None:
        """Begin a new edition of the public pages of the school that the look-up ``whose`` finds, if there is one."""
        if tenant_id := cls.objects.filter(**whose).values_list("tenant_id", flat=True).first():
            begin_new(tenant_id)

    @classmethod
    def show_tree_anew(cls, path: str) -> None:
        """As ``show_anew``, for the school in whose tree a page at ``path`` (treebeard's) stands."""
        cls.show_anew(site__root_page__path=path[:HOME_PATH])
