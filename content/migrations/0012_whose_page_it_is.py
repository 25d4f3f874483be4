from django.db import migrations

# In a parallel plan each process would load and hash all pages again, for an answer of ten: two processors for one search.
ALONE = "ALTER FUNCTION content_words(tsvector, tsvector) PARALLEL {0}"
# As ``content.tokens.tree_word`` writes it; an entry of a picture or a file holds none.
WHOSE = """UPDATE wagtailsearch_indexentry entry
    SET body = entry.body || to_tsvector('english', 'zq' || lower(left(page.path, 8)))
    FROM wagtailcore_page page
    WHERE entry.object_id = page.id::varchar(50) AND entry.content_type_id = page.content_type_id"""


class Migration(migrations.Migration):
    """Each page's entry says whose page it is, so that a search ranks the entries of one school and joins nothing to them."""

    dependencies = [("content", "0011_words_of_an_entry")]

    operations = [
        migrations.RunSQL(ALONE.format("UNSAFE"), ALONE.format("SAFE")),
        migrations.RunSQL(WHOSE, migrations.RunSQL.noop),
    ]
