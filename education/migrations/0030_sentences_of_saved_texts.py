from dataclasses import fields

from django.db import migrations

from education.articles.inheritance import note_sentences, sentences_of
from education.text.rendering import Draft


def note_saved_texts(apps, schema_editor):
    """Who first wrote which sentence, from every text that was ever saved, in the order of saving."""
    saved_texts = apps.get_model('education', 'SavedText').objects
    kept = apps.get_model('education', 'WrittenSentence')
    known = {field.name for field in fields(Draft)}
    rows = saved_texts.order_by('pk').values_list('revision__article', 'by', 'draft')
    for article, by, draft in rows.iterator(chunk_size=50):
        text = Draft(**{name: value for name, value in draft.items() if name in known})
        note_sentences(kept, article, sentences_of(text), by)


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0029_inherited_contributions'),
    ]

    operations = [
        migrations.RunPython(note_saved_texts, migrations.RunPython.noop),
    ]
