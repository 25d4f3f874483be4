"""Which site, which folder of pictures and files, and which editors belong to a school."""

from typing import ClassVar

from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection, Site


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
