"""A table of findings in small: one row with a result, and one of which nothing is known."""

from typing import Any

from education.articles.models import Article
from education.publishing.models import Publication
from education.text.rendering import Draft
from tests.factories import make_article, make_draft, make_item, make_publication

OPTIONS = [{"slug": "cells", "name": "Cells"}, {"slug": "rhizotomy", "name": "Rhizotomy"}]
OUTCOMES = [{"slug": "movement", "name": "Movement after a year", "note": "Two scales stand here."}]


def make_row(key: str, **fields: Any) -> dict[str, Any]:
    """A row about rhizotomy, told as the form of the desk gives it."""
    return {
        "slug": "movement/rhizotomy",
        "outcome": "movement",
        "option": "rhizotomy",
        "about": "",
        "people": "3 trials, 90 children",
        "who": "under 8 years",
        "comparator": "the same physiotherapy",
        "time": "12 months",
        "effect": "4.0 points more",
        "frame": 100,
        "with_option": 39,
        "without_option": None,
        "direction": "better",
        "direction_words": "",
        "certainty": "low",
        "grading": "start high\nrisk of bias -1 (families knew)\nimprecision -1 (90 children)",
        "source_grade": "",
        "words": "Rhizotomy may improve movement a little.",
        "evidence": [key],
        "findings": [],
    } | fields


def make_table(*rows: dict[str, Any], key: str) -> Draft:
    """The draft of a table with these rows, and one about the other option."""
    nothing = make_row(
        key, slug="movement/cells", option="cells", evidence=[], direction="not_known", effect="",
        people="", who="", comparator="", time="", frame=None, with_option=None, grading="",
        certainty="not_graded", words="Not known: nothing we could check.",
    )  # fmt: skip
    return make_draft(
        key, kind="findings", options=OPTIONS, outcomes=OUTCOMES, findings=[*rows, nothing]
    )


def make_findings_table(slug: str = "table", key: str = "") -> Publication:
    """A published table of findings."""
    key = key or make_item().key
    return make_publication(
        article=make_article(slug=slug, kind=Article.Kind.FINDINGS),
        draft=make_table(make_row(key), key=key),
    )
