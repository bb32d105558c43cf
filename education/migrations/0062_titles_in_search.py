from django.db import migrations

INDEX, TITLES = 'education_search_index', 'education_search_index_titles'
# The tokenizer 'ascii' leaves every other letter as it is: our words reach it cut.
FTS5 = "CREATE VIRTUAL TABLE {} USING fts5({}, tokenize='ascii', detail='column', prefix='3 5')"
GIN = 'CREATE INDEX {} ON {} USING gin ({}) WITH (fastupdate = off)'
NEW = {
    'sqlite': [
        FTS5.format(INDEX, 'kind, terms'),
        FTS5.format(TITLES, 'length UNINDEXED, title'),
    ],
    'postgresql': [
        f'CREATE TABLE {INDEX} (rowid bigint PRIMARY KEY, kind text, terms tsvector)',
        # Vectors stay in their row, so that the planner knows what reading them costs.
        f'ALTER TABLE {INDEX} ALTER COLUMN terms SET STORAGE MAIN',
        f"{GIN.format(f'{INDEX}_terms', INDEX, 'terms')} WHERE kind = 'text'",
        f"{GIN.format(f'{INDEX}_studies', INDEX, 'terms')} WHERE kind = 'study'",
        f'CREATE TABLE {TITLES} (rowid bigint PRIMARY KEY, length integer, title tsvector)',
        GIN.format(f'{TITLES}_title', TITLES, 'title'),
    ],
}
# As migration 0041 had it.
OLD = {
    'sqlite': [FTS5.format(INDEX, 'kind, title_length UNINDEXED, title, terms')],
    'postgresql': [
        f'CREATE TABLE {INDEX} '
        '(rowid bigint PRIMARY KEY, kind text, title_length integer, title tsvector, terms tsvector)',
        f'ALTER TABLE {INDEX} ALTER COLUMN terms SET STORAGE MAIN',
        f"{GIN.format(f'{INDEX}_title', INDEX, 'title')} WHERE kind = 'text'",
        f"{GIN.format(f'{INDEX}_terms', INDEX, 'terms')} WHERE kind = 'text'",
        f"{GIN.format(f'{INDEX}_studies', INDEX, 'terms')} WHERE kind = 'study'",
    ],
}
VECTOR = "array_to_tsvector(array_remove(string_to_array(%s, ' '), ''))"


def make_anew(schema_editor, statements):
    """The engine's own tables, empty."""
    for table in (INDEX, TITLES):
        schema_editor.execute(f'DROP TABLE IF EXISTS {table}')
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def rows(apps):
    """Of each entry its number, its kind for the engine, and the words of its title and of it all."""
    entries = apps.get_model('education', 'SearchEntry').objects.order_by('pk')
    for number, kind, title, terms in entries.values_list('pk', 'kind', 'title_terms', 'terms').iterator():
        yield number, 'study' if kind == 'study' else 'text', title.split(), f'{title}{terms}'.split()


def titles_apart(apps, schema_editor):
    """The titles of our texts in a table of their own, where many are read for little."""
    make_anew(schema_editor, NEW)
    words = '%s' if schema_editor.connection.vendor == 'sqlite' else VECTOR
    with schema_editor.connection.cursor() as cursor:
        for number, kind, title, terms in rows(apps):
            cursor.execute(
                f'INSERT INTO {INDEX} (rowid, kind, terms) VALUES (%s, %s, {words})',  # noqa: S608
                [number, kind, ' '.join(terms)],
            )
            if kind == 'text':
                cursor.execute(
                    f'INSERT INTO {TITLES} (rowid, length, title) VALUES (%s, %s, {words})',  # noqa: S608
                    [number, len(title), ' '.join(title)],
                )


def in_one_table(apps, schema_editor):
    """As migration 0041 had it."""
    make_anew(schema_editor, OLD)
    words = '%s' if schema_editor.connection.vendor == 'sqlite' else VECTOR
    with schema_editor.connection.cursor() as cursor:
        for number, kind, title, terms in rows(apps):
            cursor.execute(
                f'INSERT INTO {INDEX} (rowid, kind, title_length, title, terms) '  # noqa: S608
                f'VALUES (%s, %s, %s, {words}, {words})',
                [number, kind, len(title), ' '.join(title), ' '.join(terms)],
            )


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0061_web_sources'),
    ]

    operations = [
        migrations.RunPython(titles_apart, in_one_table),
    ]
