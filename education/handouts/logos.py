"""
A clinic's logo: an SVG that only draws, or pixels, which are kept as a PNG.

A logo is uploaded by people outside the editorial team, then typeset and shown on pages, so it is
held to what a logo needs: shapes, words, gradients and clips in an SVG, pixels in a PNG or JPEG.
Whatever could run, fetch, or grow when it is drawn (scripts, addresses, entities of entities,
clones of clones, filters) refuses the file; what is merely of no use (notes and private data of the
drawing program, colour profiles) is left out. Pictures made for posters are made smaller.
"""

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageOps

from education.text.figures import SVG
from education.text.uploads import (
    DEEPEST,
    MOST_ELEMENTS,
    format_of,
    open_picture,
    parse_svg,
    write_picture,
)

LARGEST_FILE = 500_000  # bytes of what is stored and printed
MOST_PIXELS = 2_000_000  # 17 cm by 7 cm at 300 dots an inch
LONGEST_SIDE = 4_000  # pixels
PRINTED = (1_064, 664)  # pixels: more than 45 by 14 mm, its room on paper, at 600 dots an inch

_ELEMENTS = frozenset(
    {"svg", "g", "defs", "title", "desc", "style", "path", "line", "polyline", "polygon", "rect",
     "circle", "ellipse", "text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath",
     "switch", "symbol", "use"}
)  # fmt: skip
_NOTES = frozenset({"metadata", "title", "desc"})
_LOCAL = re.compile(r"url\(\s*[\"']?#[\w.-]+[\"']?\s*\)")
# Illustrator's: a public type that is never fetched, and names of its own for namespaces
_DOCTYPE = re.compile(
    r'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG [0-9.]+(?: \w+)?//EN"\s+"[^"<>]*"'
    r"\s*(?:\[([^]]*)\])?\s*>"
)
_ENTITY = re.compile(r'\s*<!ENTITY\s+(\w+)\s+"(https?://[\w./#-]{1,200})"\s*>')
_MOST_ENTITIES = 20
_LONGEST_CHAIN = 200  # parts in parts and clones of clones
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["'](iso-8859-1|windows-1252)["']""", re.IGNORECASE)
_XLINK_REFERENCE = "{http://www.w3.org/1999/xlink}href"
_LENGTH = re.compile(r"\s*([0-9.]+)\s*(px|pt|mm|cm|in|pc)?\s*")


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
            f'<svg xmlns="{SVG}" width="{self.width:g}" height="{self.height:g}">'
            f'<image width="{self.width:g}" height="{self.height:g}" '
            f'href="data:image/png;base64,{pixels}"/></svg>'
        )


def check_logo(data: bytes) -> Logo:
    """
    A file that was uploaded as a logo, without what a logo doesn't need.

    Nothing is expanded before its size is known. Raises ``LogoError``.
    """
    file_format = format_of(data, "logo", LogoError)
    return _check_svg(data) if file_format == "SVG" else _check_picture(data, file_format)


# SVG


def _check_svg(data: bytes) -> Logo:
    root = parse_svg(_without_doctype(_decoded(data)), LogoError)
    _clean(root, depth=1)
    if _drawn_parts(root) > MOST_ELEMENTS:
        raise LogoError(f"The SVG has more than {MOST_ELEMENTS:,} parts. Please simplify it.")
    width, height = _svg_size(root)
    root.attrib |= {"width": f"{width:g}", "height": f"{height:g}"}
    ET.register_namespace("", SVG)
    cleaned = ET.tostring(root, encoding="utf-8")
    if len(cleaned) > LARGEST_FILE:
        raise LogoError(
            f"The drawing has {len(cleaned) // 1000:,} kB; a logo may have {LARGEST_FILE // 1000}. "
            "Please simplify it, or export it as PNG."
        )
    return Logo("svg", cleaned, width, height)


def _decoded(data: bytes) -> str:
    """The text of an SVG, in UTF-8 or in the Latin encoding that it names itself."""
    named = _ENCODING.match(data)
    try:
        return data.decode(named[1].decode() if named else "utf-8-sig")
    except UnicodeDecodeError:
        raise LogoError("The SVG is not in UTF-8. Please export it again as plain SVG.") from None


def _without_doctype(source: str) -> str:
    """
    The drawing without Illustrator's DOCTYPE, its names of namespaces written out.

    No other DOCTYPE and no other entity is taken: they could fetch, or grow without end.
    """
    doctype = _DOCTYPE.search(source)
    entities = dict(_ENTITY.findall(doctype[1] or "")) if doctype else {}
    if (
        doctype
        and len(entities) <= _MOST_ENTITIES
        and not _ENTITY.sub("", doctype[1] or "").strip()
    ):
        # Namespaces are attributes: a name elsewhere stays, and is refused as unknown.
        source = source[: doctype.start()] + source[doctype.end() :]
        for name, address in entities.items():
            source = source.replace(f'"&{name};"', f'"{address}"')
    if "<!" in re.sub(r"<!--.*?-->|<!\[CDATA\[", "", source, flags=re.DOTALL):
        raise LogoError("The SVG has a DOCTYPE or entities. Please export it as plain SVG.")
    return source


def _drawn_parts(root: ET.Element) -> int:
    """
    How many parts are drawn, each clone (``use``) counted with all that it repeats.

    Raises ``LogoError`` for a clone of itself, or a long chain of clones.
    """
    named = {part.attrib["id"]: part for part in root.iter() if "id" in part.attrib}
    counted: dict[ET.Element, int] = {}
    counting: set[ET.Element] = set()

    def count(part: ET.Element) -> int:
        if part in counted:
            return counted[part]
        if part in counting or len(counting) > _LONGEST_CHAIN:
            raise LogoError("The SVG has clones of clones (<use>). Please export it as plain SVG.")
        counting.add(part)
        total = 1 + sum(map(count, part))
        original = named.get(part.attrib.get("href", "")[1:]) if _local(part) == "use" else None
        if original is not None:
            total += count(original)
        counting.discard(part)
        counted[part] = total
        return total

    return count(root)


def _clean(element: ET.Element, *, depth: int) -> None:
    """Check one element and all in it; drop notes and what other programs added."""
    if depth > DEEPEST:
        raise LogoError(f"The SVG has groups {DEEPEST} deep. Please ungroup it.")
    if _local(element) == "style" or "style" in element.attrib:
        _check_css((element.text or "") + element.attrib.get("style", ""))
    reference = element.attrib.get(_XLINK_REFERENCE, "")
    if reference.startswith("#"):  # the older way to name another part of the drawing
        element.attrib.setdefault("href", reference)
    for name in list(element.attrib):
        if name.startswith("{"):
            _check_foreign(name, element.attrib.pop(name))
        else:
            _check_attribute(name, element.attrib[name])
    for child in list(element):
        if _is_note(child):
            element.remove(child)
        else:
            _check_name(_local(child))
            _clean(child, depth=depth + 1)


def _is_note(element: ET.Element) -> bool:
    """Whether an element draws nothing: notes, and what is for one drawing program alone."""
    name = _local(element)
    return (
        name in _NOTES
        or not str(element.tag).startswith(f"{{{SVG}}}")
        or (name == "foreignObject" and "requiredExtensions" in element.attrib)
    )


def _check_name(name: str) -> None:
    if name == "image":
        raise LogoError("The SVG holds a picture of pixels (<image>). Please export it as PNG.")
    if name not in _ELEMENTS:
        raise LogoError(
            f"The SVG has <{name}>, which a logo may not have. Please export it as plain SVG, "
            "with words and effects turned into paths, or as PNG."
        )


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


# Pixels


def _check_picture(data: bytes, file_format: Literal["PNG", "JPEG"]) -> Logo:
    """The pixels alone, written anew: what else the file holds, or holds behind them, is lost."""
    with open_picture(data, file_format, LogoError) as image:
        return _as_png(image)


def _as_png(image: Image.Image) -> Logo:
    """A picture as PNG, in colours of screens, and smaller where it is larger than paper shows."""
    picture = image
    if image.format == "JPEG":  # of printers (CMYK) too; a camera's may lie on its side
        picture = ImageOps.exif_transpose(image).convert("L" if image.mode == "L" else "RGB")
    too_large = max(image.size) > LONGEST_SIDE or image.width * image.height > MOST_PIXELS
    written = b"" if too_large else write_picture(picture, "PNG", icc_profile=None)
    if too_large or len(written) > LARGEST_FILE:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        picture.thumbnail(PRINTED)
        written = write_picture(picture, "PNG", icc_profile=None)
    if len(written) > LARGEST_FILE:  # a photograph: 256 colours are enough at 14 mm
        picture = picture.quantize(256, method=Image.Quantize.FASTOCTREE)
        written = write_picture(picture, "PNG", icc_profile=None)
    return Logo("png", written, *picture.size)
