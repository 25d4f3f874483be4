from django.db import migrations

# Strict, so that Wagtail's outer join to the entries can begin at them. Dear, so that asking the index is the cheaper way.
WORDS = """CREATE FUNCTION content_words(title tsvector, body tsvector) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'BEGIN RETURN title || body; END'"""
INDEX = "CREATE INDEX search_entry_words ON wagtailsearch_indexentry USING gin ({0})"
STORAGE = "ALTER TABLE wagtailsearch_indexentry ALTER title SET STORAGE {0}, ALTER body SET STORAGE {0}"
NO_INDEX = "DROP INDEX search_entry_words"


class Migration(migrations.Migration):
    """Words are found by a function that PostgreSQL knows to be dear, and stand in the entry itself.

    Kept aside, as long values are, the words of each page that is ranked cost three more pages of the database. Entries of
    before move when they are written next, by ``update_index`` all of them.
    """

    dependencies = [("content", "0010_search_by_index"), ("wagtailsearch", "0010_add_text_fields")]

    operations = [
        migrations.RunSQL(NO_INDEX, INDEX.format("(title || body)")),
        migrations.RunSQL(WORDS, "DROP FUNCTION content_words"),
        migrations.RunSQL(INDEX.format("content_words(title, body)"), NO_INDEX),
        migrations.RunSQL(STORAGE.format("MAIN"), STORAGE.format("EXTENDED")),
    ]
