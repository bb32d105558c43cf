"""
Files that people upload as drawings, made safe to show inside a page.

An SVG keeps what is on the list of ``figures`` and nothing else; what could run, fetch or grow when
it is drawn refuses the file. A PNG or JPEG is read and written anew by Pillow, so that only its
pixels are left, and stands inside an SVG: page, paper and frozen copies know one kind of drawing.
"""

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageOps

from education.text.figures import (
    ATTRIBUTES,
    ELEMENTS,
    ROOT_ATTRIBUTES,
    SVG,
    FigureError,
    checked_drawing,
)
from education.text.uploads import (
    DEEPEST,
    MOST_ELEMENTS,
    format_of,
    open_picture,
    parse_svg,
    write_picture,
)

# A page carries its drawings: on a slow telephone (400 kbit/s) each takes three seconds at most.
LARGEST_SVG = 150_000  # bytes
LARGEST_PICTURE = 110_000  # bytes; a third more as text
WIDTHS = (1_200, 900, 700, 500)  # pixels: twice the 448 of a drawing's column, then less
QUALITIES = (82, 70)

# A public type, which drawing programs write and nobody fetches.
_DOCTYPE = re.compile(r'<!DOCTYPE svg PUBLIC "[^"<>]*"\s+"[^"<>]*"\s*>')
_LENGTH = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(?:px|pt|mm|cm|in|pc)?\s*")
_NUMBER = r"\d+(?:\.\d+)?"
_VIEW_BOX = re.compile(rf"\s*(?:-?{_NUMBER}[\s,]+){{2}}({_NUMBER})[\s,]+({_NUMBER})\s*")
_HIDING = frozenset({"display", "visibility"})
_NOTES = frozenset({"metadata", "title", "desc"})


@dataclass(frozen=True)
class UploadedDrawing:
    """A drawing as it is stored: its SVG, and the names of what was left out of the file."""

    svg: str
    left_out: list[str]


def read_drawing(data: bytes, *, title: str, description: str) -> UploadedDrawing:
    """
    A file that was uploaded as a drawing, with words for those who can't see it.

    Nothing is expanded before its size is known. Raises ``FigureError``, which tells the person
    what is wrong and what helps.
    """
    left_out: list[str] = []
    file_format = format_of(data, "drawing", FigureError)
    root = _vectors(data, left_out) if file_format == "SVG" else _picture(data, file_format)
    for place, (kind, words) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{SVG}}}{kind}")
        element.text = words
        root.insert(place, element)
    ET.register_namespace("", SVG)
    svg = ET.tostring(root, encoding="unicode")
    checked_drawing(title, svg, pixels=True)
    return UploadedDrawing(svg, sorted(set(left_out)))


# SVG


def _vectors(data: bytes, left_out: list[str]) -> ET.Element:
    try:
        source = _DOCTYPE.sub("", data.decode("utf-8-sig"), count=1)
    except UnicodeDecodeError:
        raise FigureError("The SVG is not in UTF-8. Please export it again as plain SVG.") from None
    if "<!" in re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL):
        raise FigureError("The SVG has a DOCTYPE or entities. Please export it as plain SVG.")
    root = parse_svg(source, FigureError)
    _set_view_box(root)
    _clean(root, left_out, depth=1)
    if _HIDING.intersection(left_out):
        raise FigureError(
            "The SVG has hidden parts, which would be seen here. Please delete them, show all "
            "layers and export it again."
        )
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise FigureError(f"The SVG has more than {MOST_ELEMENTS:,} parts. Please simplify it.")
    if (size := len(ET.tostring(root))) > LARGEST_SVG:
        raise FigureError(
            f"The drawing has {size // 1000:,} kB; it may have {LARGEST_SVG // 1000}. Please "
            "simplify it, or export it as PNG."
        )
    return root


def _set_view_box(root: ET.Element) -> None:
    """Every drawing is scaled to its place; one without a size can't be placed."""
    if "viewBox" not in root.attrib:
        sides = [_LENGTH.fullmatch(root.attrib.get(name, "")) for name in ("width", "height")]
        if not all(side and float(side[1]) > 0 for side in sides):
            raise FigureError(
                "The SVG has no size. Please export it with width, height and viewBox."
            )
        root.attrib["viewBox"] = "0 0 " + " ".join(side[1] for side in sides if side)
    box = _VIEW_BOX.fullmatch(root.attrib["viewBox"])
    if not box or not float(box[1]) or not float(box[2]):
        raise FigureError(
            "The SVG has no size: its viewBox has no width or height. Please export it again."
        )
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)


def _clean(element: ET.Element, left_out: list[str], *, depth: int) -> None:
    """Check one element and all in it; leave out notes and what only drawing programs read."""
    if depth > DEEPEST:
        raise FigureError(f"The SVG has groups {DEEPEST} deep. Please ungroup it.")
    _spell_out_style(element, left_out)
    for name in list(element.attrib):
        if name.lower().startswith("on") or name.rpartition("}")[2] in {"href", "src"}:
            raise FigureError(f"The SVG points elsewhere or has a script ({name}). It only draws.")
        if name not in ATTRIBUTES:
            del element.attrib[name]
            if not name.startswith("{") and name not in ROOT_ATTRIBUTES:
                left_out.append(name)
    for child in list(element):
        kind = str(child.tag).removeprefix(f"{{{SVG}}}")
        if kind.startswith("{") or kind in _NOTES:
            element.remove(child)
        elif kind not in ELEMENTS:
            raise FigureError(
                f"The SVG has <{kind}>, which a drawing may not have. Please export it as plain "
                "SVG, with effects and clones turned into paths, or as PNG."
            )
        else:
            _clean(child, left_out, depth=depth + 1)


def _spell_out_style(element: ET.Element, left_out: list[str]) -> None:
    """Write what ``style`` says of colours, lines and letters as attributes of their own."""
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in ATTRIBUTES - {"id", "class"} and value:
            element.attrib[name] = value
        elif name and not name.startswith("-"):
            left_out.append(name)


# Pixels


def _picture(data: bytes, file_format: Literal["PNG", "JPEG"]) -> ET.Element:
    """The pixels alone, written anew: what else the file holds, or holds behind them, is lost."""
    with open_picture(data, file_format, FigureError) as image:
        picture = _on_white(ImageOps.exif_transpose(image))
        written, mime, size = _fitting(picture, file_format)
    width, height = (str(side) for side in size)
    root = ET.Element(f"{{{SVG}}}svg", {"viewBox": f"0 0 {width} {height}"})
    pixels = f"data:{mime};base64,{base64.b64encode(written).decode()}"
    ET.SubElement(root, f"{{{SVG}}}image", {"width": width, "height": height, "href": pixels})
    return root


def _on_white(image: Image.Image) -> Image.Image:
    """In colours of screens, without holes: lines drawn for white paper are seen on a dark page."""
    if not image.has_transparency_data:
        return image.convert("L" if image.mode in {"1", "L"} else "RGB")
    with_holes = image.convert("RGBA")
    white = Image.new("RGBA", with_holes.size, "white")
    return Image.alpha_composite(white, with_holes).convert("RGB")


def _fitting(picture: Image.Image, file_format: str) -> tuple[bytes, str, tuple[int, int]]:
    """The picture as large as a page may carry: its bytes, their type, its size in pixels."""
    for width in WIDTHS:
        smaller = picture.copy()
        smaller.thumbnail((width, width * 2))
        if file_format == "PNG":  # drawings: 256 colours are enough, and stay sharp
            few = smaller if smaller.mode == "L" else smaller.quantize(256)
            if len(written := write_picture(few, "PNG")) <= LARGEST_PICTURE:
                return written, "image/png", smaller.size
        for quality in QUALITIES:
            written = write_picture(smaller, "JPEG", quality=quality, progressive=True)
            if len(written) <= LARGEST_PICTURE:
                return written, "image/jpeg", smaller.size
    raise FigureError("The picture can't be made small enough for a page. Please simplify it.")
