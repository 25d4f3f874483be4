from django.db import migrations

WORDS = "CREATE INDEX search_entry_words ON wagtailsearch_indexentry USING gin ((title || body))"
PAGES = "CREATE INDEX page_by_search_key ON wagtailcore_page ((id::varchar(50)))"


class Migration(migrations.Migration):
    """Wagtail asks for words in ``title || body`` and joins pages by their key as text; its own indexes serve neither.

    Without them a search reads every entry of every school.
    """

    dependencies = [
        ("content", "0009_second_reader"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailsearch", "0010_add_text_fields"),
    ]

    operations = [
        migrations.RunSQL(WORDS, "DROP INDEX search_entry_words"),
        migrations.RunSQL(PAGES, "DROP INDEX page_by_search_key"),
    ]
