"""
What uploaded drawings and logos have in common: files of people we may not know, opened safely.

Nothing is expanded before its size is known. Each function raises the error class that it is given,
whose message tells the person what is wrong and what helps.
"""

import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from PIL import Image

from education.text.figures import SVG

LARGEST_UPLOAD = 10_000_000  # bytes; a drawing keeps its program's own data too
MOST_UPLOADED_PIXELS = 25_000_000  # unpacked, 100 MB
MOST_ELEMENTS = 3_000
DEEPEST = 30  # groups in groups

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_TOO_MANY_PIXELS = (
    f"it may have {MOST_UPLOADED_PIXELS // 1_000_000} million. Please save it smaller."
)


def format_of(
    data: bytes, what: str, error_class: type[ValueError]
) -> Literal["SVG", "PNG", "JPEG"]:
    """The format of a file that was uploaded as ``what``, such as "logo"."""
    if not data:
        raise error_class("The file is empty.")
    if len(data) > LARGEST_UPLOAD:
        raise error_class(
            f"The file has {len(data) / 1_000_000:,.1f} MB; a {what} may have "
            f"{LARGEST_UPLOAD // 1_000_000}."
        )
    if data.startswith(_PNG):
        return "PNG"
    if data.startswith(_JPEG):
        return "JPEG"
    if b"<svg" in data[:20_000]:
        return "SVG"
    raise error_class("Not an SVG, PNG or JPEG file. Please export it as one of these.")


def parse_svg(source: str, error_class: type[ValueError]) -> ET.Element:
    """The root of an SVG; its DOCTYPE and entities must have been refused before."""
    if source.count("<") > 20 * MOST_ELEMENTS:  # notes and all; unpacked, each takes far more
        raise error_class(f"The SVG has more than {MOST_ELEMENTS:,} parts. Please simplify it.")
    try:
        root = ET.fromstring(source)  # noqa: S314 - bounded above, and no DOCTYPE to expand
    except (ET.ParseError, ValueError) as error:
        raise error_class(f"The SVG can't be read: {error}.") from None
    if root.tag != f"{{{SVG}}}svg":
        raise error_class("The file is not an SVG drawing.")
    return root


@contextmanager
def open_picture(
    data: bytes, file_format: Literal["PNG", "JPEG"], error_class: type[ValueError]
) -> Iterator[Image.Image]:
    """
    A picture whose size and checksums are good, for as long as the context lasts.

    What Pillow raises inside the context, where it reads the pixels, becomes the error too.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[file_format]) as image:
            if image.width * image.height > MOST_UPLOADED_PIXELS:
                raise error_class(
                    f"The picture is {image.width:,} by {image.height:,} pixels; {_TOO_MANY_PIXELS}"
                )
            image.verify()  # the checksum of each chunk; the file must be opened anew after it
        with Image.open(io.BytesIO(data), formats=[file_format]) as image:
            yield image
    except error_class:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise error_class(f"The picture has too many pixels; {_TOO_MANY_PIXELS}") from None
    # Pillow tells of a broken chunk by SyntaxError, of one that unpacks too large by ValueError.
    except (OSError, SyntaxError, ValueError) as error:
        raise error_class(
            "The picture is damaged, cut short or of a kind we can't read. Please save it again."
        ) from error


def write_picture(image: Image.Image, file_format: str, **options: object) -> bytes:
    """The bytes of a picture in this format, as small as Pillow makes them."""
    written = io.BytesIO()
    image.save(written, file_format, optimize=True, **options)
    return written.getvalue()
