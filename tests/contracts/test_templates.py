"""Every template compiles, keeps style and script in files, and says what it expects."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = sorted(
    path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file()
)
INLINE = re.compile(
    r"""
    \s style \s* =                        # a style on an element
    | <style \b                           # a style sheet in the page
    | \s on[a-z]+ \s* = \s* ["']          # a script on an element
    | <script \b (?! [^>]* \b src= )      # a script in the page
    | \b javascript:
    """,
    re.IGNORECASE | re.VERBOSE,
)


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles(name):
    get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_template_holds_no_style_and_no_script(name):
    assert not INLINE.findall((TEMPLATES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name in NAMES if "/includes/" in name])
def test_part_says_at_the_top_what_it_expects(name):
    text = (TEMPLATES / name).read_text(encoding="utf-8")

    # A drawing expects nothing.
    assert text.startswith(f"{{# {name} — ") or "{" not in text


def test_every_folder_of_templates_is_looked_at():
    assert "base.html" in NAMES
    assert any(name.startswith("includes/") for name in NAMES)
    assert any(name.startswith("admin/education/") for name in NAMES)
