import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0005_places_wait_rows"),
    ]

    operations = [
        migrations.AddIndex(
            model_name='institution',
            index=models.Index(fields=['sort_key', 'id'], name='institution_by_name'),
        ),
        migrations.AddConstraint(
            model_name='institutionmember',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_until__isnull', True)), fields=('user', 'institution'), name='institution_member_once'),
        ),
        migrations.AddConstraint(
            model_name='institutionmember',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_until__isnull', True), models.Q(('email', ''), _negated=True)), fields=('institution', 'email'), name='institution_member_email_once'),
        ),
        migrations.AddConstraint(
            model_name='institutionmember',
            constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='institution_member_email_lower'),
        ),
        migrations.AddConstraint(
            model_name='institutionmember',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', True), ('user__isnull', True)), models.Q(('accepted_at__isnull', False), ('user__isnull', False)), _connector='OR'), name='institution_member_accepted_by_somebody'),
        ),
    ]
