from django.db import migrations
from django.utils import timezone

from education.canonical import digest, digest_of_rows

# Rows that are never changed or deleted once they are there.
TABLES = (
    'Publication', 'PublishedCitation', 'PublicationEvent', 'Contribution', 'Review', 'StatusEvent',
    'ConcernNote', 'PrintedCopy', 'PrintedPart', 'Answer',
)


def append_baseline(apps, schema_editor):
    """
    Append one event that says how the rows are whose hashes were made before formats had numbers.

    From here on verify_audit finds a change of these rows too. Nothing on an empty record. The rule
    of the chain is written out: it is that of the day of this migration, whatever comes later.
    """
    Event = apps.get_model('education', 'Event')
    EventHead = apps.get_model('education', 'EventHead')
    if not Event.objects.exists() or Event.objects.filter(action='audit.baseline').exists():
        return
    head = EventHead.objects.select_for_update().get(pk=1)  # nobody writes meanwhile
    tables = {}
    for name in TABLES:
        model = apps.get_model('education', name)
        columns = {field.column: field.attname for field in model._meta.concrete_fields}
        last = model.objects.order_by('pk').values_list('pk', flat=True).last() or 0
        rows = model.objects.filter(pk__lte=last).order_by('pk').values_list(*columns.values())
        count, digested = digest_of_rows(rows.iterator(chunk_size=50))
        tables[model._meta.db_table] = {
            'columns': list(columns), 'last': last, 'rows': count, 'digest': digested,
        }
    at = timezone.now()
    said = {
        'sequence': head.sequence + 1,
        'by': None,
        'by_name': 'command',
        'action': 'audit.baseline',
        'subject_type': 'eventhead',
        'subject_id': '1',
        'subject': f'head at {head.sequence}',
        'article_id': None,
        'data': {'content_format': 2, 'frozen_format': 2, 'tables': tables},
        'previous_hash': head.hash,
    }
    hashed = digest(said | {'at': at.isoformat()})
    by = said.pop('by')
    Event.objects.create(**said, at=at, by_id=by, hash=hashed)
    # No change that readers could see, so ``last_seen_outside`` stays.
    head.sequence, head.hash = said['sequence'], hashed
    head.save(update_fields=['sequence', 'hash'])


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0022_hash_formats'),
    ]

    operations = [
        migrations.RunPython(append_baseline, migrations.RunPython.noop),
    ]
