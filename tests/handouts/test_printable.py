import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from education.handouts.printable import LONGEST_RUN, clean, grey, people, shown_address


@pytest.mark.parametrize(
    ("count", "of", "width", "height"),
    [(57, 100, 248, 100), (3, 10, 120, 20), (0, 7, 84, 20), (1, 1, 12, 20), (1000, 1000, 504, 500)],
)
def test_people_draws_so_many_filled_out_of_so_many(count, of, width, height):
    svg = people(count, of)

    filled, outlined = re.findall(r'<path d="([^"]*)"', svg)
    assert filled.count("a2.4") == 2 * count
    assert outlined.count("a2.4") == 2 * (of - count)
    assert f'viewBox="0 0 {width} {height}"' in svg


@given(st.text(max_size=200))
def test_clean_leaves_no_run_longer_than_a_column(text):
    cleaned = clean(text)

    assert not re.search(r"[\n\t\x00-\x1f\u202a-\u202e]", cleaned)
    narrow = re.findall(r"[^\s\u200b\u2e80-\uffff]+", cleaned)
    assert all(len(run) <= LONGEST_RUN for run in narrow)
    assert clean(cleaned) == cleaned


def test_clean_breaks_addresses_where_they_have_joints():
    cleaned = clean("https://long.example/a-rather-long/way")

    assert cleaned.replace("\u200b", "") == "https://long.example/a-rather-long/way"
    assert "rather-\u200blong/\u200bway" in cleaned


def test_grey_keeps_the_lightness_of_a_colour():
    assert grey("#fff #000 #ff0000 #0B5257") == "#ffffff #000000 #4c4c4c #3d3d3d"


def test_shown_address_is_what_people_type():
    assert shown_address("https://www.portal.example/check/") == "portal.example/check"
