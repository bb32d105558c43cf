from django.db import migrations

TABLE = 'education_search_index'
PAGES = 1 << 60
# What is about studies stays where it is. Without fastupdate, whoever publishes waits some
# milliseconds, and nobody who searches looks through a list of what was not sorted in yet.
INDEXES = [
    f'CREATE INDEX {TABLE}_{name} ON {TABLE} USING gin ({column}) WITH (fastupdate = off) '
    f'WHERE rowid {side} {PAGES}'
    for name, column, side in (('title', 'title', '>='), ('terms', 'terms', '>='), ('studies', 'terms', '<'))
]
BACK = [
    f'CREATE INDEX {TABLE}_{column} ON {TABLE} USING gin ({column})' for column in ('title', 'terms')
]
MOVE = f'UPDATE {TABLE} SET rowid = %s WHERE rowid = %s'  # noqa: S608


def places(apps):
    """Each text of ours by number: the place it gets in the engine."""
    entries = apps.get_model('education', 'SearchEntry').objects.exclude(kind='study')
    for number, terms in entries.values_list('pk', 'title_terms').iterator():
        yield number, PAGES + ((255 - min(255, len(terms.split()))) << 52) + number


def move(schema_editor, moves, indexes):
    """Entries to other places, then the indexes of PostgreSQL as they are to be."""
    with schema_editor.connection.cursor() as cursor:
        for name in ('title', 'terms', 'studies'):
            if schema_editor.connection.vendor == 'postgresql':
                cursor.execute(f'DROP INDEX IF EXISTS {TABLE}_{name}')
        cursor.executemany(MOVE, moves)
        for statement in indexes if schema_editor.connection.vendor == 'postgresql' else ():
            cursor.execute(statement)


def put_in_places(apps, schema_editor):
    """Texts of ours before studies, short titles before long ones."""
    move(schema_editor, [(place, number) for number, place in places(apps)], INDEXES)


def put_back(apps, schema_editor):
    """In the order of their numbers."""
    move(schema_editor, [(number, place) for number, place in places(apps)], BACK)


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0019_lists_by_title'),
    ]

    operations = [
        migrations.RunPython(put_in_places, put_back),
    ]
