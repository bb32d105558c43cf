"""What was typeset last is kept, within bounds."""

from education.handouts.pdf_cache import PdfCache


def test_a_paper_is_kept_for_the_next_who_asks():
    recent = PdfCache(100)
    recent.keep("one", b"1" * 10)

    assert recent.get("one") == b"1" * 10
    assert recent.get("two") is None


def test_the_paper_nobody_asked_for_longest_goes_first():
    recent = PdfCache(100)
    for name in ("one", "two"):
        recent.keep(name, b"x" * 50)
    recent.get("one")

    recent.keep("three", b"x" * 50)

    assert [recent.get(name) is not None for name in ("one", "two", "three")] == [True, False, True]


def test_a_paper_larger_than_all_the_room_is_not_kept_and_drives_nothing_out():
    recent = PdfCache(100)
    recent.keep("one", b"x" * 50)
    recent.keep("huge", b"x" * 101)
    recent.keep("one", b"x" * 60)
    recent.keep("two", b"x" * 40)

    assert recent.get("huge") is None
    assert recent.get("one") == b"x" * 60
    assert recent.get("two") == b"x" * 40
