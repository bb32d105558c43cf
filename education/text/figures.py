"""
Drawings: SVG files that editors may place, and icon arrays of so many people out of so many.

A file in ``education/content/figures/`` is drawn inline, so it is held to a short list of elements
and attributes. It has a ``<title>`` and a ``<desc>``, and brings no script, style or address. So is
a drawing of the desk's library (``uploaded_drawings``), which may also be a picture of pixels.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from education.text.escaping import attribute, escape

FIGURES = Path(__file__).resolve().parents[1] / "content" / "figures"

SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = """
    svg title desc g path line polyline polygon rect circle ellipse text tspan defs marker
    linearGradient radialGradient stop clipPath
"""
_ATTRIBUTES = """
    id class viewBox width height x y x1 y1 x2 y2 cx cy r rx ry d points dx dy transform fill
    fill-opacity fill-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray
    stroke-opacity opacity font-family font-size font-weight font-style text-anchor
    dominant-baseline letter-spacing markerWidth markerHeight refX refY orient markerUnits
    marker-start marker-mid marker-end offset stop-color stop-opacity gradientUnits
    gradientTransform clip-path clip-rule preserveAspectRatio vector-effect
"""
ELEMENTS = frozenset(_ELEMENTS.split())
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
MOST_PEOPLE = 1_000
_ROW = 10  # people in a row, up to a hundred of them
_LONG_ROW = 40

ROOT_ATTRIBUTES = frozenset({"role", "aria-labelledby", "aria-describedby", "focusable", "version"})
_DESCRIPTION = "description"
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REFERENCE = re.compile(r"url\(#([\w-]+)\)")
# Pixels inside a drawing, as ``uploaded_drawings`` writes them: never an address.
PIXELS = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}")


class FigureError(ValueError):
    """A drawing can't be shown; says which and why."""


@dataclass(frozen=True)
class LibraryDrawing:
    """
    A drawing of the desk's library: its SVG, and who made it under which licence, as readers see
    that. ``refusal`` says why it may not be shown; then the SVG is not drawn.
    """

    svg: str
    credit: str = ""
    refusal: str = ""


def load_figure(name: str, *, prefix: str, label: str, folder: Path = FIGURES) -> str:
    """
    A drawing as an inline ``<svg>``, its ids beginning with ``prefix``, named by ``label``.

    Raises ``FigureError`` when there is none of that name or it is not safe to draw.
    """
    return _draw(_parsed(name, folder), prefix=prefix, label=label)


def draw_library_figure(name: str, drawing: LibraryDrawing, *, prefix: str, label: str) -> str:
    """
    The same for a drawing of the library.

    Raises ``FigureError`` when it may not be shown.
    """
    if drawing.refusal:
        raise FigureError(drawing.refusal)
    return _draw(_checked_source(name, drawing.svg), prefix=prefix, label=label)


def canonical_svg(svg: str) -> str:
    """
    A drawing in the canonical form of XML (C14N 2.0): the same whatever the order of attributes.

    ``svg`` is what ``load_figure`` returned.
    """
    return ET.canonicalize(svg.replace("&nbsp;", "\xa0"))


def figure_names(folder: Path = FIGURES) -> list[str]:
    """The drawings that can be placed."""
    return sorted(path.stem for path in folder.glob("*.svg"))


def icon_array(count: int, of: int, *, label: str) -> str:
    """
    ``of`` people as an inline ``<svg>``, the first ``count`` filled; 0 to ``of``, 1,000 at most.

    ``label`` is its name for who hears the page: the words of the caption without the numbers of
    references. Filled and empty differ in lightness, not in
    colour, and work in black and white and without a style sheet.
    """
    if not (1 <= of <= MOST_PEOPLE and 0 <= count <= of):
        raise FigureError(f"{count} of {of} people can't be drawn; use 0 to {MOST_PEOPLE}.")
    row = _ROW if of <= _ROW * _ROW else _LONG_ROW
    places = [(10 * (n % row) + 5, 16 * (n // row) + 3) for n in range(of)]
    groups = [("icons-on", places[:count]), ("icons-off", places[count:])]
    drawn = "".join(_people(name, group) for name, group in groups if group)
    width, height = 10 * min(of, row), 16 * (-(-of // row))
    return (
        f'<svg class="icons-drawing" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{attribute(label)}" focusable="false">{drawn}</svg>'
    )


def _people(name: str, places: list[tuple[int, int]]) -> str:
    """A head is a dot and a body a thick short line, so a thousand people stay a small drawing."""
    faint = ' stroke-opacity="0.25"' if name == "icons-off" else ""
    heads = "".join(f"M{x} {y}h0" for x, y in places)
    bodies = "".join(f"M{x} {y + 6}v3" for x, y in places)
    return (
        f'<g class="{name}" fill="none" stroke="currentColor"{faint} stroke-linecap="round">'
        f'<path d="{heads}" stroke-width="4"></path>'
        f'<path d="{bodies}" stroke-width="6"></path></g>'
    )


def _parsed(name: str, folder: Path) -> ET.Element:
    path = folder / f"{name}.svg"
    if not NAME.fullmatch(name) or not path.is_file():
        raise FigureError(f"There is no drawing called “{name}”.")
    return _checked(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _checked(path: Path, _changed: int) -> ET.Element:
    """Read and check one file; read again when it has changed."""
    return checked_drawing(path.stem, path.read_text(encoding="utf-8-sig"))


@lru_cache(maxsize=128)
def _checked_source(name: str, source: str) -> ET.Element:
    return checked_drawing(name, source, pixels=True)


def checked_drawing(name: str, source: str, *, pixels: bool = False) -> ET.Element:
    """
    A drawing that is safe to show inside a page, parsed; ``pixels`` lets it hold a picture.

    Raises ``FigureError``, which calls it ``name``.
    """
    if "<!" in re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL):
        raise FigureError(f"The drawing {name} has a DOCTYPE or entity; leave it out.")
    try:
        root = ET.fromstring(source)  # noqa: S314 - no DOCTYPE to expand
    except (ET.ParseError, ValueError) as error:
        raise FigureError(f"The drawing {name} is not well-formed: {error}.") from error
    if root.tag != f"{{{SVG}}}svg":
        raise FigureError(f"The drawing {name} is not an SVG.")
    for element in root.iter():
        if not (pixels and _is_pixels(element)):
            _check_element(name, element)
    for wanted in ("title", "desc"):
        text = root.findtext(f"{{{SVG}}}{wanted}") or ""
        if not text.strip():
            raise FigureError(f"The drawing {name} has no <{wanted}>.")
    if "viewBox" not in root.attrib:
        raise FigureError(f"The drawing {name} has no viewBox.")
    _prepare(root)
    return root


def _is_pixels(element: ET.Element) -> bool:
    """Whether an element is a picture of pixels that the drawing itself holds."""
    return (
        element.tag == f"{{{SVG}}}image"
        and element.attrib.keys() <= {"width", "height", "href"}
        and PIXELS.fullmatch(element.attrib.get("href", "")) is not None
    )


def _prepare(root: ET.Element) -> None:
    """Leave out what is written anew, and titles: they would show as tips under the mouse."""
    for name in (*ROOT_ATTRIBUTES, "id"):
        root.attrib.pop(name, None)
    for parent in list(root.iter()):
        for title in parent.findall(f"{{{SVG}}}title"):
            parent.remove(title)
    root.find(f"{{{SVG}}}desc").attrib["id"] = _DESCRIPTION  # type: ignore[union-attr]


def _check_element(name: str, element: ET.Element) -> None:
    kind = str(element.tag).removeprefix(f"{{{SVG}}}")
    if kind not in ELEMENTS:
        raise FigureError(f"The drawing {name} has <{kind}>, which may not be drawn.")
    for key, value in element.attrib.items():
        if key not in ATTRIBUTES and not (kind == "svg" and key in ROOT_ATTRIBUTES):
            raise FigureError(f"The drawing {name} has the attribute {key}; leave it out.")
        if "url(" in _REFERENCE.sub("", value).lower().replace(" ", "") or "\\" in value:
            raise FigureError(f"The drawing {name} points outside itself: {value}.")


def _draw(root: ET.Element, *, prefix: str, label: str) -> str:
    """Print as HTML does, so that the sanitiser finds nothing to change."""
    return (
        f'<svg{_attributes(root, prefix)} role="img" aria-label="{attribute(label)}" '
        f'aria-describedby="{prefix}-{_DESCRIPTION}" focusable="false">'
        f"{_inside(root, prefix)}</svg>"
    )


def _inside(element: ET.Element, prefix: str) -> str:
    # Blanks between shapes say nothing; between words they do.
    has_words = str(element.tag).removeprefix(f"{{{SVG}}}") in {"text", "tspan", "desc"}
    parts = [escape(element.text or "") if has_words else ""]
    for child in element:
        kind = str(child.tag).removeprefix(f"{{{SVG}}}")
        parts.append(f"<{kind}{_attributes(child, prefix)}>{_inside(child, prefix)}</{kind}>")
        parts.append(escape(child.tail or "") if has_words else "")
    return "".join(parts)


def _attributes(element: ET.Element, prefix: str) -> str:
    return "".join(
        f' {key}="{attribute(_own(key, value, prefix))}"' for key, value in element.attrib.items()
    )


def _own(key: str, value: str, prefix: str) -> str:
    """Ids, and what points to them, made this drawing's own."""
    if key == "id":
        return f"{prefix}-{value}"
    return _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
