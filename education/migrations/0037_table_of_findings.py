import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("education", "0036_holds_after_a_restore"),
    ]

    operations = [
        migrations.AlterField(
            model_name="article",
            name="kind",
            field=models.CharField(
                choices=[
                    ("article", "Article"),
                    ("comparison", "Comparison of options"),
                    ("claims", "Claim checks"),
                    ("glossary", "Glossary"),
                    ("policy", "Editorial policy"),
                    ("findings", "Table of findings"),
                ],
                default="article",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="publication",
            name="kind",
            field=models.CharField(
                choices=[
                    ("article", "Article"),
                    ("comparison", "Comparison of options"),
                    ("claims", "Claim checks"),
                    ("glossary", "Glossary"),
                    ("policy", "Editorial policy"),
                    ("findings", "Table of findings"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="FindingsOutcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=200)),
                ("note", models.TextField(blank=True, help_text="Markdown; above its rows.")),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings_outcomes",
                        to="education.revision",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FindingsRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "slug",
                    models.CharField(
                        help_text="Outcome and option, as movement-1y/rhizotomy-1; texts name the row by it.",
                        max_length=120,
                        validators=[
                            django.core.validators.RegexValidator("^[a-z0-9-]+/[a-z0-9-]+\\Z")
                        ],
                        verbose_name="id",
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        blank=True,
                        help_text="As: donor, by vein.",
                        max_length=200,
                        verbose_name="which form of the option",
                    ),
                ),
                ("people", models.TextField(blank=True, verbose_name="people and studies")),
                ("who", models.TextField(blank=True, verbose_name="who they were")),
                ("comparator", models.TextField(blank=True, verbose_name="compared with")),
                ("time", models.TextField(blank=True)),
                ("effect", models.TextField(blank=True)),
                (
                    "frame",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(100, "100"), (1000, "1,000")],
                        null=True,
                        verbose_name="of how many people",
                    ),
                ),
                (
                    "with_option",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="people with it"
                    ),
                ),
                (
                    "without_option",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: not known.",
                        null=True,
                        verbose_name="people without it",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("better", "Better"),
                            ("better_than_before", "Better than before"),
                            ("worse", "Worse"),
                            ("worse_than_before", "Worse than before"),
                            ("no_difference", "No clear difference"),
                            ("disagree", "Studies disagree"),
                            ("none_seen", "None seen"),
                            ("not_known", "Not known"),
                        ],
                        default="not_known",
                        max_length=20,
                    ),
                ),
                (
                    "direction_words",
                    models.TextField(blank=True, verbose_name="direction in words"),
                ),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("high", "High certainty"),
                            ("moderate", "Moderate certainty"),
                            ("low", "Low certainty"),
                            ("very_low", "Very low certainty"),
                            ("not_graded", "Not graded"),
                        ],
                        default="not_graded",
                        max_length=20,
                    ),
                ),
                (
                    "grading",
                    models.TextField(
                        blank=True,
                        help_text="Where it starts, then a step on a line.",
                        verbose_name="reasons for the certainty",
                    ),
                ),
                (
                    "source_grade",
                    models.TextField(blank=True, verbose_name="the source’s own grade"),
                ),
                ("words", models.TextField(verbose_name="in plain words")),
                (
                    "evidence",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Keys of the evidence items it rests on.",
                        verbose_name="works",
                    ),
                ),
                (
                    "findings",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Findings of these works, each as key#number: sun2017#1.",
                        verbose_name="findings as data",
                    ),
                ),
                (
                    "option",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings_rows",
                        to="education.comparisonoption",
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="education.findingsoutcome",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings_rows",
                        to="education.revision",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="findingsoutcome",
            constraint=models.UniqueConstraint(
                fields=("revision", "slug"), name="education_findings_outcome_is_named_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="findingsrow",
            constraint=models.UniqueConstraint(
                fields=("revision", "slug"), name="education_findings_row_is_named_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="findingsrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("certainty__in", ["high", "moderate", "low", "very_low", "not_graded"])
                ),
                name="education_findings_row_certainty_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="findingsrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "direction__in",
                        [
                            "better",
                            "better_than_before",
                            "worse",
                            "worse_than_before",
                            "no_difference",
                            "disagree",
                            "none_seen",
                            "not_known",
                        ],
                    )
                ),
                name="education_findings_row_direction_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="findingsrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("frame", None), ("with_option", None), ("without_option", None)),
                    models.Q(
                        ("frame__isnull", False),
                        ("frame__in", [100, 1000]),
                        models.Q(
                            ("with_option", None),
                            ("with_option__lte", models.F("frame")),
                            _connector="OR",
                        ),
                        models.Q(
                            ("without_option", None),
                            ("without_option__lte", models.F("frame")),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="education_findings_row_counts_fit_the_frame",
                violation_error_message="Say of how many people, and count no more than that.",
            ),
        ),
    ]
