import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_places_wait_rows"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='membership',
            name='membership_by_name',
        ),
        migrations.RemoveField(
            model_name='user',
            name='phone_typed',
        ),
        migrations.AddIndex(
            model_name='department',
            index=models.Index(fields=['tenant', 'sort_key', 'id'], name='department_by_name'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(fields=['tenant', 'sort_key', 'id'], name='membership_by_name'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(condition=models.Q(('email', ''), _negated=True), fields=('tenant', 'email'), name='membership_email_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('tenant', 'phone_hash'), name='membership_phone_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='membership_email_lower'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('phone_hash__isnull', True), ('phone_sealed__isnull', True)), models.Q(('phone_hash__isnull', False), ('phone_sealed__isnull', False)), _connector='OR'), name='membership_phone_is_found'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', True), ('user__isnull', True)), models.Q(('accepted_at__isnull', False), ('user__isnull', False)), _connector='OR'), name='membership_accepted_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('phone_hash__isnull', True), ('phone_sealed__isnull', True), ('phone_verified', False)), models.Q(('phone_hash__isnull', False), ('phone_sealed__isnull', False), ('phone_verified', True)), _connector='OR'), name='user_phone_is_proved'),
        ),
    ]
