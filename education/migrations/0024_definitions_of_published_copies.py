import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0023_baseline_of_the_record'),
    ]

    operations = [
        migrations.CreateModel(
            name='DefinitionCitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='The word, as the glossary names it.', max_length=80)),
                ('statement', models.PositiveSmallIntegerField(help_text='Its place in the definition.')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='defines_in', to='education.evidenceitem')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='definition_citations', to='education.publication')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('publication', 'slug', 'statement', 'item'), name='education_definition_citation_is_there_once')],
            },
        ),
    ]
