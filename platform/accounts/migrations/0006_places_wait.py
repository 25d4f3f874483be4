import accounts.by_name
import django.db.models.deletion
import kernel.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_try_counts"),
        ("tenancy", "0002_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('phone_sealed', models.BinaryField()),
                ('code_hash', models.BinaryField(max_length=32)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(default=kernel.clock.now)),
            ],
            options={
                'verbose_name': 'telephone code',
                'verbose_name_plural': 'telephone codes',
            },
        ),
        migrations.AddField(
            model_name='department',
            name='sort_key',
            field=accounts.by_name.SortKeyField(blank=True, db_collation='C', default='', editable=False, max_length=400, person=False),
        ),
        migrations.AddField(
            model_name='membership',
            name='accepted_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='email',
            field=models.EmailField(blank=True, db_default='', default='', max_length=254, verbose_name='e-mail'),
        ),
        migrations.AddField(
            model_name='membership',
            name='phone_hash',
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='phone_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='sort_key',
            field=accounts.by_name.SortKeyField(blank=True, db_collation='C', default='', editable=False, max_length=400, person=True),
        ),
        migrations.AlterField(
            model_name='membership',
            name='user',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL),
        ),
    ]
