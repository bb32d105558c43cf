"""Superscripts and subscripts: read as Pandoc reads them, and never joined to a figure."""

import pytest

from education.text.rendering import Draft, render
from education.text.tree import plain


def body(text, **fields):
    return render(Draft(body=text, **fields), {})


@pytest.mark.parametrize(
    ("typed", "html", "words"),
    [
        ("1 × 10^6^ cells", "1 × 10<sup>6</sup> cells", "1 × 10^6 cells"),
        ("10^-3^ mol", "10<sup>-3</sup> mol", "10^-3 mol"),
        ("H~2~O and CD34", "H<sub>2</sub>O and CD34", "H2O and CD34"),
        ("10^6^5", "10<sup>6</sup>5", "10^6^5"),
        (r"a\^b\^ c\~2\~", "a^b^ c~2~", "a^b^ c~2~"),
        ("5~10 years, 10~20 years", "5~10 years, 10~20 years", "5~10 years, 10~20 years"),
        ("5~10岁和10~20岁", "5~10岁和10~20岁", "5~10岁和10~20岁"),
        ("约~10岁~", "约~10岁~", "约~10岁~"),
        ("a ^ b ^ c", "a ^ b ^ c", "a ^ b ^ c"),
        ("~~gone~~", "~~gone~~", "~~gone~~"),
        ("^^2^^", "^^2^^", "^^2^^"),
        (r"p^\*^", "p<sup>*</sup>", "p^*"),
        ("x^<b>^", "x<sup>&lt;b&gt;</sup>", "x^<b>"),
    ],
)
def test_raised_and_lowered_words(typed, html, words):
    rendered = body(typed)

    assert rendered.html["body"] == f"<p>{html}</p>"
    assert plain(rendered.tree["body"]).strip() == words
    assert words in rendered.text


def test_a_text_keeps_the_dialect_in_which_it_was_saved():
    old = body("10^6^ cells", dialect=1)

    assert (old.tree["schema"], body("10^6^ cells").tree["schema"]) == (1, 2)
    assert old.html["body"] == "<p>10^6^ cells</p>"
    assert [problem.code for problem in old.problems if problem.code == "dialect"] == ["dialect"]
    assert not [one for one in body("10^6^", dialect=2).problems if one.code == "dialect"]
    assert not [one for one in body("5~10, 6~7", dialect=1).problems if one.code == "dialect"]


def test_a_citation_never_hides_in_a_superscript():
    assert body("said^[@sun2017]^").problems


def problems(text):
    return [problem.code for problem in body(text).problems if problem.blocking]


def test_a_row_with_more_cells_than_the_head_blocks():
    head = "| Dose | Age |\n| --- | --- |\n"

    assert problems(f"{head}| 5 mg | 4 | not 5 |") == ["table-cells"]
    assert problems(f"{head}5 mg | 4 | not 5 |") == ["table-cells"]
    for row in ("| 5 mg | 4 |", "| 5 mg |", r"| 5 \| 6 mg | 4 |", "5 mg | 4", "| `a` | 4"):
        assert problems(f"{head}{row}") == [], row


@pytest.mark.parametrize(
    "typed",
    ["[@\u200bsun2017]", "[\u00ad@sun2017]", "[@sun2017, table [2]]", "[@@sun2017]", "[@ sun2017]",
     r"\[@sun2017\]", "[ @ sun2017]", "[@sun\u20602017]"],
)  # fmt: skip
def test_what_only_looks_like_a_citation_blocks(typed):
    assert "malformed-citation" in problems(f"It helped {typed}.")


def test_what_has_nothing_of_a_citation_passes():
    assert problems("[mail](mailto:a@example.org) [a@b] a [b] @c") == []
