from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Exclusion constraints compare uuid and text with ``=``; btree_gist is trusted, so the owner may create it."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [BtreeGistExtension()]
