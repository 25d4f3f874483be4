from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('opendays', '0002_report_with_pictures'),
    ]

    operations = [
        migrations.AddField(
            model_name='party',
            name='changed_on',
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='changes',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
