"""
A clinic's logo: an SVG that only draws, or a PNG that is no larger than it looks.

A logo is uploaded by people outside the editorial team, then typeset and shown on pages, so it is
held to what a logo needs: shapes, words, gradients and clips in an SVG, pixels in a PNG. Whatever
could run, fetch, or grow when it is drawn (scripts, addresses, entities, clones, filters) refuses
the file; what is merely of no use (notes of the drawing program, colour profiles) is left out.
"""

import base64
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Literal

from PIL import Image

LARGEST_FILE = 500_000  # bytes
MOST_PIXELS = 2_000_000  # 17 cm by 7 cm at 300 dots an inch
LONGEST_SIDE = 4_000  # pixels
MOST_ELEMENTS = 3_000
DEEPEST = 30  # groups in groups

_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = frozenset(
    {"svg", "g", "defs", "title", "desc", "style", "path", "line", "polyline", "polygon", "rect",
     "circle", "ellipse", "text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath"}
)  # fmt: skip
_NOTES = frozenset({"metadata", "title", "desc"})
_LOCAL = re.compile(r"url\(\s*[\"']?#[\w.-]+[\"']?\s*\)")
_LENGTH = re.compile(r"\s*([0-9.]+)\s*(px|pt|mm|cm|in|pc)?\s*")

_PNG = b"\x89PNG\r\n\x1a\n"
_DAMAGED = "The PNG is damaged, cut short or of a kind we can't read. Please save it again."


class LogoError(ValueError):
    """A file can't be a logo; the message tells the person who uploaded it why, and what helps."""


@dataclass(frozen=True)
class Logo:
    """A checked logo: the bytes to store and serve, and its size in its own units."""

    kind: Literal["svg", "png"]
    data: bytes
    width: float
    height: float

    @property
    def content_type(self) -> str:
        """As it is served; an SVG only ever with a policy that forbids scripts."""
        return "image/svg+xml" if self.kind == "svg" else "image/png"

    def as_svg(self) -> str:
        """The logo as an SVG: itself, or one that holds the pixels."""
        if self.kind == "svg":
            return self.data.decode()
        pixels = base64.b64encode(self.data).decode()
        return (
            f'<svg xmlns="{_SVG}" width="{self.width:g}" height="{self.height:g}">'
            f'<image width="{self.width:g}" height="{self.height:g}" '
            f'href="data:image/png;base64,{pixels}"/></svg>'
        )


def check_logo(data: bytes) -> Logo:
    """
    A file that was uploaded as a logo, without what a logo doesn't need.

    Nothing is expanded before its size is known. Raises ``LogoError``.
    """
    if not data:
        raise LogoError("The file is empty.")
    if len(data) > LARGEST_FILE:
        raise LogoError(
            f"The file has {len(data) // 1000:,} kB; a logo may have {LARGEST_FILE // 1000}."
        )
    if data.startswith(_PNG):
        return _check_png(data)
    if b"<svg" in data[:5_000]:
        return _check_svg(data)
    raise LogoError("A logo is an SVG or a PNG file. Please export it as one of these.")


# SVG


def _check_svg(data: bytes) -> Logo:
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LogoError("The SVG is not in UTF-8. Please export it again as plain SVG.") from None
    if "<!" in re.sub(r"<!--.*?-->|<!\[CDATA\[", "", source, flags=re.DOTALL):
        raise LogoError("The SVG has a DOCTYPE or entities. Please export it as plain SVG.")
    try:
        root = ET.fromstring(source)  # noqa: S314 - bounded above, and no DOCTYPE to expand
    except (ET.ParseError, ValueError) as error:
        raise LogoError(f"The SVG can't be read: {error}.") from None
    if root.tag != f"{{{_SVG}}}svg":
        raise LogoError("The file is not an SVG drawing.")
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise LogoError(f"The SVG has more than {MOST_ELEMENTS:,} parts. Please simplify it.")
    _clean(root, depth=1)
    width, height = _svg_size(root)
    root.attrib |= {"width": f"{width:g}", "height": f"{height:g}"}
    ET.register_namespace("", _SVG)
    return Logo("svg", ET.tostring(root, encoding="utf-8"), width, height)


def _clean(element: ET.Element, *, depth: int) -> None:
    """Check one element and all in it; drop notes and what other programs added."""
    if depth > DEEPEST:
        raise LogoError(f"The SVG has groups {DEEPEST} deep. Please ungroup it.")
    if _local(element) == "style" or "style" in element.attrib:
        _check_css((element.text or "") + element.attrib.get("style", ""))
    for name in list(element.attrib):
        if name.startswith("{"):
            _check_foreign(name, element.attrib.pop(name))
        else:
            _check_attribute(name, element.attrib[name])
    for child in list(element):
        name = _local(child)
        if name in _NOTES or not str(child.tag).startswith(f"{{{_SVG}}}"):
            element.remove(child)
        elif name not in _ELEMENTS:
            raise LogoError(
                f"The SVG has <{name}>, which a logo may not have. Please export it as plain SVG, "
                "with words and clones turned into paths."
            )
        else:
            _clean(child, depth=depth + 1)


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _check_foreign(name: str, value: str) -> None:
    """Attributes of other programs are dropped, unless they would have fetched something."""
    if name.endswith("}href") and not value.startswith("#"):
        raise LogoError("The SVG points to another file or address. A logo is complete in itself.")


def _check_attribute(name: str, value: str) -> None:
    if name.lower().startswith("on"):
        raise LogoError(f"The SVG has a script ({name}). A logo only draws.")
    if name == "href" and not value.startswith("#"):
        raise LogoError("The SVG points to another file or address. A logo is complete in itself.")
    _check_css(value)


def _check_css(text: str) -> None:
    """Colours and lines are welcome; ``@import``, addresses and escapes that hide them are not."""
    rest = _LOCAL.sub("", text).lower()
    if "url(" in rest.replace(" ", "") or re.search(r"[@\\<]|javascript:|expression\(", rest):
        raise LogoError("The SVG's styles point outside itself. Please export it as plain SVG.")


def _svg_size(root: ET.Element) -> tuple[float, float]:
    """Width and height by the view box, else as given; a drawing without a size can't be placed."""
    box = root.attrib.get("viewBox", "").replace(",", " ").split()
    try:
        sides = [float(side) for side in box[2:4]]
    except ValueError:
        sides = []
    if len(sides) != 2:
        given = [_LENGTH.fullmatch(root.attrib.get(name, "")) for name in ("width", "height")]
        sides = [_number(side[1]) for side in given if side]
    if len(sides) != 2 or not all(0 < side < 1e6 for side in sides):
        raise LogoError("The SVG has no size. Please export it with width, height and viewBox.")
    return sides[0], sides[1]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


# PNG


def _check_png(data: bytes) -> Logo:
    """The pixels alone, written anew: what else the file holds, or holds behind them, is lost."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            width, height = image.size
            if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
                raise LogoError(
                    f"The PNG is {width:,} by {height:,} pixels. Please make it smaller: "
                    f"{MOST_PIXELS // 1_000_000} million pixels at most, no side above "
                    f"{LONGEST_SIDE:,}."
                )
            image.verify()  # the checksum of each chunk; the file must be opened anew after it
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            written = io.BytesIO()
            image.save(written, "PNG", optimize=True, icc_profile=None)
    except LogoError:
        raise
    # Pillow tells of a broken chunk by SyntaxError, of one that unpacks too large by ValueError.
    except (OSError, SyntaxError, ValueError) as error:
        raise LogoError(_DAMAGED) from error
    return Logo("png", written.getvalue(), width, height)
