"""The evidence map tells what the public table of findings tells, with its certainties."""

import pytest
from django.urls import reverse
from django.utils import timezone

from education.articles.files import read_article
from education.articles.models import Article
from education.articles.shipped_texts import ARTICLES
from education.safety.operations import record_status
from tests.factories import make_article, make_editor, make_item, make_publication
from tests.findings_table import make_findings_table, make_row, make_table
from tests.public.reading import read

pytestmark = pytest.mark.django_db

MAP = reverse("outcome-list")


def test_the_map_says_what_is_known_and_what_is_not(client):
    table = make_findings_table()

    page = read(client, MAP)

    assert "Rhizotomy Better Low certainty" in " ".join(page.text.split())
    assert "Not known for: Cells." in page.text
    assert f"/articles/{table.slug}/#finding-movement/rhizotomy" in client.get(MAP).content.decode()


def test_people_with_and_without_stand_side_by_side_after_the_words_of_the_row(client):
    key = make_item().key
    row = make_row(key, with_option=19, without_option=41, comparator="a pump")
    make_publication(
        article=make_article(slug="table", kind=Article.Kind.FINDINGS),
        draft=make_table(row, key=key),
    )

    page = client.get(MAP).content.decode()

    assert page.count('<svg class="icons-drawing"') == 2
    words = " ".join(read(client, MAP).text.split())
    told = (
        "Rhizotomy may improve movement a little. With it: 19 of 100 Without it (a pump): 41 of 100"
    )
    assert told in words


def test_a_row_that_rests_on_retracted_work_alone_is_not_on_the_map(client):
    item = make_item("trial2002")
    make_findings_table(key=item.key)
    record_status(
        item=item,
        status="retracted",
        occurred_on=timezone.localdate(),
        reason="The data were made up.",
        by=make_editor(),
    )

    text = read(client, MAP).text

    assert "Low certainty" not in text
    assert "Not known for any of them: Cells; Rhizotomy." in text


def test_both_treatments_are_told_by_the_same_rule():
    """For cells and for surgery: intervals, harms with who they were counted in, and stakes."""
    rows = read_article(ARTICLES / "table-of-findings.md").draft.findings
    cells = {"cord-own", "cord-donor", "mesenchymal", "marrow", "fetal-neural", "other-cells"}
    harms = {"serious-harm", "common-harm", "death", "bladder-feeling", "spine", "dystonia"}
    for options in (cells, {"rhizotomy"}):
        told = [row for row in rows if row["option"] in options and row.get("evidence")]
        benefits = [row for row in told if row["outcome"].startswith(("movement", "stiffness"))]
        of_harm = [row for row in told if row["outcome"] in harms]

        assert all(row.get("grading") for row in benefits)
        # A gain is told with its interval, or that it was not seen, or where the studies disagree.
        said = ("CI", "not seen", "P", "Disagree", "of ")
        unsaid = [row["slug"] for row in benefits if not any(s in row["effect"] for s in said)]
        assert unsaid == []
        assert len(of_harm) >= 4
        counted = [row for row in of_harm if any(sign.isdigit() for sign in row.get("people", ""))]
        assert [row["slug"] for row in of_harm if row not in counted] == []
        assert any("take named" in row.get("grading", "") for row in told)
