from django.db import migrations

TABLE = 'education_search_index'
CREATE = {
    'sqlite': [
        # The tokenizer 'ascii' leaves every other letter as it is: our words reach it cut.
        f"CREATE VIRTUAL TABLE {TABLE} USING fts5("
        "title, terms, tokenize='ascii', detail='column', prefix='3 5')",
    ],
    'postgresql': [
        f'CREATE TABLE {TABLE} (rowid bigint PRIMARY KEY, title tsvector, terms tsvector)',
        f'CREATE INDEX {TABLE}_title ON {TABLE} USING gin (title)',
        f'CREATE INDEX {TABLE}_terms ON {TABLE} USING gin (terms)',
    ],
}
DROP = f'DROP TABLE IF EXISTS {TABLE}'


def create(apps, schema_editor):
    """The engine's own part of the index."""
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    """Without it."""
    schema_editor.execute(DROP)


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0011_search_index'),
    ]

    operations = [
        migrations.RunPython(create, drop),
    ]
