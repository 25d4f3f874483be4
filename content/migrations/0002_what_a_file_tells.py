import content.models.media
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('content', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='schooldocument',
            name='file',
            field=models.FileField(help_text='Given out as it is, with what its properties say: author, company, earlier words. Take that out first.', max_length=200, upload_to=content.models.media._document_path, verbose_name='File'),
        ),
    ]
