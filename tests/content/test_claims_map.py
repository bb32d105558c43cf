"""``docs/claims-map.md`` leads from each claim of the founding article to texts that exist."""

import json
import re

from education.articles.files import read_article
from education.text.figures import FIGURES
from education.text.rendering import Source, render

CONTENT = FIGURES.parent
ARTICLES = CONTENT / "articles"
MAP = (CONTENT.parents[1] / "docs" / "claims-map.md").read_text(encoding="utf-8")


def rows(pattern: str) -> list[list[str]]:
    """The cells of each row whose first cell looks like this."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in MAP.splitlines()]
    return [row for row in cells if re.fullmatch(pattern, row[0])]


def headings(slug: str) -> set[str]:
    items = json.loads((CONTENT / "evidence.json").read_text(encoding="utf-8"))
    sources = {
        item["id"]: Source(
            key=item["id"], text=item["title"], usable=item["custom"]["usable_as_citation"]
        )
        for item in items
    }
    tree = render(read_article(ARTICLES / f"{slug}.md").draft, sources).tree
    claims = {f"claim-{claim['slug']}" for claim in tree["claims"]}
    return {heading["id"] for heading in tree["contents"]} | claims


def test_each_claim_of_the_founding_article_leads_to_its_check():
    shipped = {
        claim["claim"]: claim
        for claim in read_article(ARTICLES / "claims-you-may-hear.md").draft.claims
        if claim.get("claim")
    }

    assert [row[0] for row in rows(r"C\d\d")] == [f"C{number:02}" for number in range(1, 31)]
    for claim, said, check, verdict, _ in rows(r"C\d\d"):
        assert said == shipped[claim]["said"]
        assert check == f"`{shipped[claim]['slug']}`"
        assert verdict == shipped[claim]["verdict"].replace("_", " ")


def test_each_claim_is_told_at_a_place_that_exists():
    for claim, *_, place in rows(r"C\d\d"):
        slug, heading = re.fullmatch(r"`/articles/([\w-]+)/#([\w-]+)`", place).groups()

        assert heading in headings(slug), claim


def test_each_of_the_seven_points_leads_to_the_checks_of_its_claims():
    claims = {row[0] for row in rows(r"C\d\d")}

    assert [row[0] for row in rows(r"\d")] == list("1234567")
    for number, _, of_point in rows(r"\d"):
        assert set(of_point.split(", ")) <= claims, number
