from django.db import migrations

TABLE = 'education_search_index'
PAGES = 1 << 60
# The tokenizer 'ascii' leaves every other letter as it is: our words reach it cut.
FTS5 = f"CREATE VIRTUAL TABLE {TABLE} USING fts5({{columns}}, tokenize='ascii', detail='column', prefix='3 5')"
GIN = f'CREATE INDEX {TABLE}_{{name}} ON {TABLE} USING gin ({{column}}) WITH (fastupdate = off) WHERE {{kind}}'
INDEXES = [('title', 'title', True), ('terms', 'terms', True), ('studies', 'terms', False)]
NEW = {
    'sqlite': [FTS5.format(columns='kind, title_length UNINDEXED, title, terms')],
    'postgresql': [
        f'CREATE TABLE {TABLE} (rowid bigint PRIMARY KEY, kind text, title_length integer, title tsvector, terms tsvector)',
        # Vectors stay in their row, so that the planner knows what reading them costs.
        f'ALTER TABLE {TABLE} ALTER COLUMN terms SET STORAGE MAIN',
        *(
            GIN.format(name=name, column=column, kind="kind = 'text'" if ours else "kind = 'study'")
            for name, column, ours in INDEXES
        ),
    ],
}
OLD = {
    'sqlite': [FTS5.format(columns='title, terms')],
    'postgresql': [
        f'CREATE TABLE {TABLE} (rowid bigint PRIMARY KEY, title tsvector, terms tsvector)',
        *(
            GIN.format(name=name, column=column, kind=f'rowid {">=" if ours else "<"} {PAGES}')
            for name, column, ours in INDEXES
        ),
    ],
}
VECTOR = "array_to_tsvector(array_remove(string_to_array(%s, ' '), ''))"


def fill(apps, schema_editor, statements, columns, row):
    """The engine's table anew, with a row for each entry there is."""
    vendor = schema_editor.connection.vendor
    schema_editor.execute(f'DROP TABLE IF EXISTS {TABLE}')
    for statement in statements[vendor]:
        schema_editor.execute(statement)
    words = '%s' if vendor == 'sqlite' else VECTOR
    values = ', '.join(['%s'] * (len(columns) - 2) + [words, words])
    entries = apps.get_model('education', 'SearchEntry').objects.order_by('pk')
    with schema_editor.connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO {TABLE} ({", ".join(columns)}) VALUES ({values})',  # noqa: S608
            [
                (*row(number, kind, len(title.split())), ' '.join(title.split()), ' '.join(f'{title}{terms}'.split()))
                for number, kind, title, terms in entries.values_list('pk', 'kind', 'title_terms', 'terms')
            ],
        )


def by_kind(apps, schema_editor):
    """Texts of ours and studies by name; rebuild_search then cuts pages into sections."""
    fill(
        apps, schema_editor, NEW, ['rowid', 'kind', 'title_length', 'title', 'terms'],
        lambda number, kind, length: (number, 'study' if kind == 'study' else 'text', length),
    )


def in_places(apps, schema_editor):
    """In the places of migration 0020."""
    fill(
        apps, schema_editor, OLD, ['rowid', 'title', 'terms'],
        lambda number, kind, length: (
            number if kind == 'study' else PAGES + ((255 - min(255, length)) << 52) + number,
        ),
    )


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0040_sections_of_pages'),
    ]

    operations = [
        migrations.RunPython(by_kind, in_places),
    ]
