from django.db import migrations

TABLE = 'education_desk_search'
CREATE = {
    'sqlite': [
        # The tokenizer 'ascii' leaves every other letter as it is: our words reach it cut.
        f"CREATE VIRTUAL TABLE {TABLE} USING fts5("
        "title, terms, tokenize='ascii', detail='column', prefix='3 5')",
    ],
    'postgresql': [
        f'CREATE TABLE {TABLE} (rowid bigint PRIMARY KEY, title tsvector, terms tsvector)',
        f'CREATE INDEX {TABLE}_title ON {TABLE} USING gin (title) WITH (fastupdate = off)',
        f'CREATE INDEX {TABLE}_terms ON {TABLE} USING gin (terms) WITH (fastupdate = off)',
    ],
}


def create(apps, schema_editor):
    """The engine's own part of the index; rebuild_search fills it with what there is."""
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    """Without it."""
    schema_editor.execute(f'DROP TABLE IF EXISTS {TABLE}')


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0043_desk_search'),
    ]

    operations = [
        migrations.RunPython(create, drop),
    ]
