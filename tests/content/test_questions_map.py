"""``docs/questions-map.md`` leads from each question that parents ask to a place that exists."""

import re

from tests.content.test_claims_map import CONTENT, headings
from tests.content.test_content import BORROWED_DANGER_SIGNS

MAP = (CONTENT.parents[1] / "docs" / "questions-map.md").read_text(encoding="utf-8")


def test_each_of_the_twenty_questions_is_answered_at_a_place_that_exists():
    rows = re.findall(r"^\| (\d+) \| .+ \| `/articles/([\w-]+)/#([\w-]+)` \|$", MAP, re.MULTILINE)

    assert [int(number) for number, *_ in rows] == list(range(1, 21))
    for number, slug, heading in rows:
        assert heading in headings(slug), (number, heading)


def test_the_map_names_the_danger_signs_that_wait_for_a_reviewer():
    waiting = MAP.partition("## Danger signs")[2]

    assert set(re.findall(r"\| `(\w+)` \|", waiting)) == BORROWED_DANGER_SIGNS
