from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('education', '0039_rows_that_statements_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='searchentry',
            name='sections',
            field=models.JSONField(blank=True, default=list, help_text='What is told of a page: [place, heading, words] of each.'),
        ),
        migrations.AlterField(
            model_name='searchentry',
            name='terms',
            field=models.TextField(help_text='The stems of lead and text, then of each section, its heading first, on a line.'),
        ),
        migrations.AlterField(
            model_name='synonymgroup',
            name='words',
            field=models.CharField(help_text='With commas between: FSPR, SDR, selective dorsal rhizotomy. After an arrow stands what is meant too, one way only: banking, storing -> cord blood. Beside your groups, search knows those that ship with the site.', max_length=300, unique=True),
        ),
    ]
