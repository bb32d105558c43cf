"""What readers, machines and clinics are told from a released database stays word by word."""

from itertools import islice

import pytest

from tests.releases.golden import RELEASES, differences, golden, served
from tests.releases.lines import as_lines, words

MOST_SHOWN = 60


@pytest.mark.thorough
@pytest.mark.parametrize("release", RELEASES)
def test_what_is_served_from_a_released_database_is_as_it_was(release, empty_database):
    changed = list(
        islice(differences(golden(release), served(release, empty_database)), MOST_SHOWN)
    )

    assert not changed, "\n".join([*changed, f"python -m tests.releases.golden {release}"])


def test_a_difference_names_the_page_and_the_line_before_and_after():
    before = "=== /a/\n200\nOne.\nTwo.\n=== /b/\n200\n"

    assert list(differences(before, before)) == []
    assert list(differences(before, "=== /a/\n200\nOne.\nThree.\n=== /c/\n200\n")) == [
        "/a/",
        "  3 - Two.",
        "  3 + Three.",
        "/b/: is not asked for any more",
        "/c/: was not asked for",
    ]


def test_of_a_page_words_order_and_links_count_and_markup_does_not():
    page = '<nav>Menu</nav><main><p class="{}">It <a href="{}">may</a> {}.</p><p>Or not.</p></main>'
    lines = words(page.format("lead", "/a/", "<b>help</b>"))

    assert lines == ["It [may](/a/) help.", "Or not."]
    assert words(page.format("other", "/a/", "<em>help</em>")) == lines
    assert words(page.format("lead", "/b/", "help")) != lines
    assert words(page.format("lead", "/a/", "harm")) != lines
    assert words('<p>It <ins>may</ins> <del>help</del></p><img alt="Two" src="/i/">') == [
        "It [+may+] [-help-]",
        "![Two](/i/)",
    ]


def test_of_html_in_json_words_count_and_of_the_rest_everything():
    def told(html, text):
        return as_lines({"html": {"body": html}, "text": text})

    assert told("<p>One <b>two</b></p>", "<p>") == told("<p class='a'>One two</p>", "<p>")
    assert told("<p>One</p>", "<p>") != told("<p>Two</p>", "<p>")
    assert told("<p>One</p>", "<p>") != told("<p>One</p>", "<b>")
