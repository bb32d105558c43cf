"""Drawings: safe to show inside a page, and told in words."""

import re
import xml.etree.ElementTree as ET

import pytest

from education.text.figures import (
    FIGURES,
    FigureError,
    figure_names,
    icon_array,
    load_figure,
)
from education.text.html import sanitised

SPINE = """<?xml version="1.0" encoding="UTF-8"?>
<!-- drawn for this site -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10" width="20" id="root" role="img">
  <title>The spine</title>
  <desc>Five bones &amp; a line.</desc>
  <defs><linearGradient id="shade"><stop offset="0" stop-color="#fff"/></linearGradient></defs>
  <g class="bone" fill="url(#shade)"><title>Bone</title><path d="M0 0h5"/></g>
  <text x="1" y="2">Low <tspan>back</tspan> &lt;here&gt;</text>
</svg>
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "spine.svg").write_text(SPINE, encoding="utf-8")
    return tmp_path


def load(folder, name="spine", prefix="figure-1", label="A spine"):
    return load_figure(name, prefix=prefix, label=label, folder=folder)


def test_load_figure_draws_inline_with_ids_of_its_own(folder):
    assert load(folder) == (
        '<svg viewBox="0 0 20 10" width="20" role="img" aria-label="A spine" '
        'aria-describedby="figure-1-description" focusable="false">'
        '<desc id="figure-1-description">Five bones &amp; a line.</desc>'
        '<defs><linearGradient id="figure-1-shade">'
        '<stop offset="0" stop-color="#fff"></stop></linearGradient></defs>'
        '<g class="bone" fill="url(#figure-1-shade)"><path d="M0 0h5"></path></g>'
        '<text x="1" y="2">Low <tspan>back</tspan> &lt;here&gt;</text></svg>'
    )
    assert 'id="figure-2-shade"' in load(folder, prefix="figure-2")


def test_load_figure_escapes_its_label(folder):
    assert 'aria-label="&quot;&gt;&lt;script&gt;"' in load(folder, label='"><script>')


def test_load_figure_is_what_the_sanitiser_lets_through(folder):
    assert sanitised(load(folder)) == load(folder)


def test_load_figure_reads_a_changed_file_again(folder):
    load(folder)
    path = folder / "spine.svg"
    path.write_text(SPINE.replace("Five", "Six and more"), encoding="utf-8")
    assert "Six" in load(folder)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<title>The spine</title>", "", "no <title>"),
        ("<desc>Five bones &amp; a line.</desc>", "<desc> </desc>", "no <desc>"),
        ('viewBox="0 0 20 10" ', "", "no viewBox"),
        ("<path ", "<script>alert(1)</script><path ", "<script>"),
        ("<path ", "<style>*{}</style><path ", "<style>"),
        ("<path ", "<foreignObject/><path ", "<foreignObject>"),
        ("<path ", '<image href="https://example.org/x.png"/><path ', "<image>"),
        ("<path ", '<use href="#a"/><path ', "<use>"),
        ("<path ", '<a href="https://example.org"/><path ', "<a>"),
        ("<path ", '<animate attributeName="x"/><path ', "<animate>"),
        ("<path ", '<path onload="alert(1)" ', "onload"),
        ("<path ", '<path style="fill:red" ', "style"),
        ("<path ", '<path fill="url(https://example.org/x)" ', "outside itself"),
        ("<path ", '<path fill="URL( //example.org/x)" ', "outside itself"),
        ("<path ", '<path fill="\\75rl(x)" ', "outside itself"),
        ("<path ", "<b xmlns='http://www.w3.org/1999/xhtml'/><path ", "xhtml"),
        ("<svg ", "<!DOCTYPE svg [<!ENTITY x 'y'>]><svg ", "DOCTYPE"),
        ("</svg>", "", "not well-formed"),
        ("http://www.w3.org/2000/svg", "http://example.org/", "not an SVG"),
    ],
)
def test_load_figure_refuses_what_could_harm_or_says_nothing(folder, old, new, reason):
    assert old in SPINE
    (folder / "spine.svg").write_text(SPINE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FigureError, match=re.escape(reason)):
        load(folder)


@pytest.mark.parametrize(
    "name", ["", "no-such", "../spine", "spine.svg", "SPINE", "a/b", "spine\n"]
)
def test_load_figure_finds_drawings_by_name_only(folder, name):
    with pytest.raises(FigureError, match="no drawing called"):
        load(folder, name=name)


@pytest.mark.parametrize("name", figure_names() or [None])
def test_every_shipped_drawing_can_be_shown(name):
    if name is None:
        pytest.skip(f"no drawings in {FIGURES.name} yet")
    drawn = load_figure(name, prefix="figure-1", label="Words")
    assert sanitised(drawn) == drawn


def people(svg, name):
    """Heads and bodies of a group."""
    groups = {group.get("class"): group for group in ET.fromstring(svg).iter("g")}
    if name not in groups:
        return [0, 0]
    return [path.get("d").count("M") for path in groups[name].iter("path")]


@pytest.mark.parametrize(
    ("count", "of"), [(57, 100), (0, 100), (100, 100), (3, 1000), (1, 1), (2, 7)]
)
def test_icon_array_draws_each_person_once(count, of):
    svg = icon_array(count, of, label="Five & more")

    assert people(svg, "icons-on") == [count, count]
    assert people(svg, "icons-off") == [of - count, of - count]
    places = re.findall(r"M\d+ \d+h", svg)
    assert len(places) == len(set(places)) == of
    assert 'aria-label="Five &amp; more"' in svg
    assert sanitised(svg) == svg


def test_icon_array_fits_its_frame():
    for of in (1, 9, 10, 11, 100, 101, 1000):
        svg = icon_array(0, of, label="x")
        width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
        for x, y in re.findall(r"M(\d+) (\d+)", svg):
            assert int(x) + 3 <= width
            assert int(y) + 3 <= height


@pytest.mark.parametrize(("count", "of"), [(5, 4), (-1, 4), (0, 0), (1, 1001)])
def test_icon_array_refuses_what_can_not_be_drawn(count, of):
    with pytest.raises(FigureError, match="can't be drawn"):
        icon_array(count, of, label="x")
