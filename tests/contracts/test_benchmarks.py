"""The page of measurements says what was missed and what failed."""

from benchmarks import run
from benchmarks.pages import _at_least
from benchmarks.report import Goal, Part


def test_a_part_that_fails_is_told_without_where_it_lies_and_stops_nothing(monkeypatch):
    def broken(made, *, quick):
        raise RuntimeError("no /somewhere/of/mine/server here, at http://127.0.0.1:1/page/")

    monkeypatch.setitem(run.PARTS, "pages", broken)

    part = run.measured("pages", None, quick=True)

    assert part.text == "Failed: no server here, at http://127.0.0.1:1/page/"
    assert [goal.met for goal in part.goals] == [False]


def test_the_page_has_every_part_and_marks_what_was_missed():
    parts = [
        Part("One", "figures of one", [Goal("Fast", "at least 2", "1", met=False)], ["Thing 3.1"]),
        Part("Other", "figures of the other", [Goal("Flat", "flat", "flat", met=True)]),
    ]

    page = run.page(parts, "Two cores.", minutes=3)

    assert "| Fast | at least 2 | 1 | **not met** |" in page
    assert "| Flat | flat | flat | met |" in page
    assert "## One\n\nfigures of one" in page
    assert "## Other\n\nfigures of the other" in page
    assert "Thing 3.1" in page


def test_a_goal_is_met_from_its_limit_on():
    assert _at_least("Warm", 0.85, 0.85).met
    assert not _at_least("Warm", 0.85, 0.849).met
