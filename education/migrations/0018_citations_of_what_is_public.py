from django.db import migrations


def fill(apps, schema_editor):
    """What every copy cites, by its references."""
    PublishedCitation = apps.get_model('education', 'PublishedCitation')
    items = dict(apps.get_model('education', 'EvidenceItem').objects.values_list('key', 'pk'))
    copies = apps.get_model('education', 'Publication').objects.values_list('pk', 'content__references')
    PublishedCitation.objects.bulk_create(
        [
            PublishedCitation(publication_id=number, item_id=items[reference['key']])
            for number, references in copies.iterator()
            for reference in references
            if reference['key'] in items
        ],
        batch_size=1000,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0017_published_citations'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
