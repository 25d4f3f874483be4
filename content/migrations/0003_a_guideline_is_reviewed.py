"""The two words about a review: one name for who, and needed before a guideline is published."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0002_what_a_file_tells")]

    operations = [
        migrations.RenameField("guidelinepage", "reviewer", "reviewed_by"),
        migrations.AlterField(
            "guidelinepage",
            "reviewed_by",
            models.CharField(
                help_text="An office, such as the counselling centre", max_length=60, verbose_name="Reviewed by"
            ),
        ),
        migrations.AlterField(
            "guidelinepage", "reviewed_on", models.DateField(null=True, verbose_name="Reviewed on")
        ),
    ]
