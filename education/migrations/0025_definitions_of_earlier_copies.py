from django.db import migrations

from education.text.glossary import explained_terms, terms_of


def fill(apps, schema_editor):
    """
    What the definitions in copies rest on that were frozen without it; the copies stay as they are.

    A copy took a word from the newest glossary of the day it was published, also from one that was
    only scheduled. So that is the last one of that day which explains the word in the same words,
    else the last that explains it.
    """
    Publication = apps.get_model('education', 'Publication')
    DefinitionCitation = apps.get_model('education', 'DefinitionCitation')
    items = dict(apps.get_model('education', 'EvidenceItem').objects.values_list('key', 'pk'))
    glossaries = [
        (language, at, terms_of(content))
        for language, at, content in Publication.objects.filter(kind='glossary')
        .order_by('-published_at', '-pk')
        .values_list('language', 'published_at', 'content')
    ]
    if not glossaries:
        return
    found = []
    copies = Publication.objects.exclude(kind='glossary').order_by('pk')
    for number, language, at, content in copies.values_list(
        'pk', 'language', 'published_at', 'content'
    ).iterator(chunk_size=50):
        words = {node['slug']: node['definition'] for node in explained_terms(content)}
        for slug, definition in words.items():
            those = [
                terms[slug] for spoken, then, terms in glossaries
                if spoken == language and then <= at and slug in terms
            ]
            same = [term for term in those if term.definition == definition]
            for term in (same or those)[:1]:
                found += [
                    DefinitionCitation(
                        publication_id=number, slug=slug, statement=place, item_id=items[key]
                    )
                    for place, keys in enumerate(term.evidence)
                    for key in keys
                    if key in items
                ]
    DefinitionCitation.objects.bulk_create(found, batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0024_definitions_of_published_copies'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
