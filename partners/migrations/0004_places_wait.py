import accounts.by_name
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0003_papers_and_places"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='institution',
            options={'ordering': ['sort_key', 'id']},
        ),
        migrations.AlterModelOptions(
            name='institutionmember',
            options={'ordering': ['institution', 'since', 'id']},
        ),
        migrations.RemoveConstraint(
            model_name='institutionmember',
            name='institution_member_once',
        ),
        migrations.RenameField(
            model_name='institutionmember',
            old_name='left_on',
            new_name='valid_until',
        ),
        migrations.AddField(
            model_name='institution',
            name='sort_key',
            field=accounts.by_name.SortKeyField(blank=True, db_collation='C', default='', editable=False, max_length=400, person=False),
        ),
        migrations.AddField(
            model_name='institutionmember',
            name='accepted_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='institutionmember',
            name='email',
            field=models.EmailField(blank=True, db_default='', default='', max_length=254),
        ),
        migrations.AddField(
            model_name='institutionmember',
            name='invited_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='institutionmember',
            name='name',
            field=models.CharField(blank=True, db_default='', default='', max_length=80),
        ),
        migrations.AlterField(
            model_name='institutionmember',
            name='user',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='institution_memberships', to=settings.AUTH_USER_MODEL),
        ),
    ]
