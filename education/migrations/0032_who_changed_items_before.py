from django.db import migrations


def name_who_changed(apps, schema_editor):
    """Who last changed each item, from the record."""
    items = apps.get_model('education', 'EvidenceItem').objects
    events = apps.get_model('education', 'Event').objects.filter(action='evidence_item.changed')
    last = dict(events.order_by('sequence').values_list('subject_id', 'by'))
    for number, by in last.items():
        if by is not None:
            items.filter(pk=number).update(changed_by=by)


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0031_changes_of_details'),
    ]

    operations = [
        migrations.RunPython(name_who_changed, migrations.RunPython.noop),
    ]
