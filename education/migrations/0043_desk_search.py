from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0042_recall_answers'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeskEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(help_text='The model it is a part of.', max_length=20)),
                ('subject_id', models.PositiveBigIntegerField()),
                ('title', models.TextField()),
                ('text', models.TextField(blank=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'desk entries',
                'constraints': [models.UniqueConstraint(fields=('subject', 'subject_id'), name='education_desk_entry_is_there_once')],
            },
        ),
    ]
