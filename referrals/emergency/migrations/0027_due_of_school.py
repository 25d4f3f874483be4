from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emergency", "0026_batches"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "claimed"])),
                fields=["channel", "tenant", "rank", "due_at"],
                name="delivery_due_of_school",
            ),
        ),
    ]
