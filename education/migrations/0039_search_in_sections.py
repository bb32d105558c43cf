from django.db import migrations, models

TABLE = 'education_search_index'
TYPES = {'sqlite': [
    # The tokenizer 'ascii' leaves every other letter as it is: our words reach it cut.
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5("
    "kind, title_length UNINDEXED, title, terms, tokenize='ascii', detail='column', prefix='3 5')",
], 'postgresql': [
    f'CREATE TABLE {TABLE} (rowid bigint PRIMARY KEY, kind text, title_length integer, '
    'title tsvector, terms tsvector)',
    *(
        f'CREATE INDEX {TABLE}_{name} ON {TABLE} USING gin ({column}) WITH (fastupdate = off) '
        f"WHERE kind = '{kind}'"
        for name, column, kind in (('title', 'title', 'text'), ('terms', 'terms', 'text'), ('studies', 'terms', 'study'))
    ),
    # Vectors stay in their row, so that the planner knows what reading them costs.
    f'ALTER TABLE {TABLE} ALTER COLUMN terms SET STORAGE MAIN',
]}
VECTOR = "array_to_tsvector(array_remove(string_to_array(%s, ' '), ''))"


def entries_anew(apps, schema_editor):
    """A row for each entry there is; rebuild_search then cuts pages into sections."""
    vendor = schema_editor.connection.vendor
    schema_editor.execute(f'DROP TABLE IF EXISTS {TABLE}')
    for statement in TYPES[vendor]:
        schema_editor.execute(statement)
    words = '%s' if vendor == 'sqlite' else VECTOR
    entries = apps.get_model('education', 'SearchEntry').objects.order_by('pk')
    rows = entries.values_list('pk', 'kind', 'title_terms', 'terms').iterator()
    with schema_editor.connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO {TABLE} (rowid, kind, title_length, title, terms) '  # noqa: S608
            f'VALUES (%s, %s, %s, {words}, {words})',
            [
                (number, 'study' if kind == 'study' else 'text', len(title.split()),
                 ' '.join(title.split()), ' '.join(terms.split()))
                for number, kind, title, terms in rows
            ],
        )


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0038_accounts_of_demonstrations'),
    ]

    operations = [
        migrations.AddField(
            model_name='searchentry',
            name='sections',
            field=models.JSONField(blank=True, default=list, help_text='What is told of a page: [place, heading, words] of each.'),
        ),
        migrations.AlterField(
            model_name='searchentry',
            name='terms',
            field=models.TextField(help_text='The stems of lead and text, then of each section, its heading first, on a line.'),
        ),
        migrations.AlterField(
            model_name='synonymgroup',
            name='words',
            field=models.CharField(help_text='With commas between: FSPR, SDR, selective dorsal rhizotomy. After an arrow stands what is meant too, one way only: banking, storing -> cord blood. Beside your groups, search knows those that ship with the site.', max_length=300, unique=True),
        ),
        # Nothing to undo: migration 0012 drops the table.
        migrations.RunPython(entries_anew, migrations.RunPython.noop),
    ]
