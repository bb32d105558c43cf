"""Files that people upload as drawings: what is kept, what is left out, what is refused."""

import base64
import io
import re
import struct
import xml.etree.ElementTree as ET
import zlib

import pytest
from PIL import Image

from education.text.figures import SVG, FigureError, LibraryDrawing, draw_library_figure
from education.text.html import sanitised
from education.text.uploaded_drawings import LARGEST_PICTURE, LARGEST_SVG, read_drawing

LEG = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="http://www.inkscape.org/" width="20mm"
     height="10mm" i:version="1">
  <metadata>Somebody's name</metadata><i:view/>
  <path style="fill:#ff0000;-inkscape-stroke:none;mix-blend-mode:multiply" d="M0 0h5"/>
  <text x="1" y="2">Low</text>
</svg>
"""


def read(data, **words):
    words = {"title": "leg", "description": "A leg & a foot."} | words
    return read_drawing(data if isinstance(data, bytes) else data.encode(), **words)


def drawn(uploaded):
    return draw_library_figure(
        "leg", LibraryDrawing(uploaded.svg), prefix="figure-1", label="A leg"
    )


def picture(mode="RGB", size=(40, 20), kind="PNG", image=None, **how):
    written = io.BytesIO()
    (image or Image.new(mode, size)).save(written, kind, **how)
    return written.getvalue()


def pixels_of(uploaded):
    data = re.search(r'href="data:image/\w+;base64,([^"]+)"', uploaded.svg)[1]
    return base64.b64decode(data)


def test_svg_of_a_drawing_program_keeps_what_it_draws_alone():
    uploaded = read(LEG)

    assert drawn(uploaded) == (
        '<svg viewBox="0 0 20 10" role="img" aria-label="A leg" '
        'aria-describedby="figure-1-description" focusable="false">'
        '<desc id="figure-1-description">A leg &amp; a foot.</desc>'
        '<path d="M0 0h5" fill="#ff0000"></path><text x="1" y="2">Low</text></svg>'
    )
    assert uploaded.left_out == ["mix-blend-mode"]
    assert sanitised(drawn(uploaded)) == drawn(uploaded)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<style>*{background:url(//x.org)}</style>",
        "<foreignObject/>",
        '<image href="https://example.org/x.png"/>',
        '<use href="#a"/>',
        '<a href="https://example.org"><path d="M0 0"/></a>',
        '<animate attributeName="x"/>',
        '<path onload="alert(1)"/>',
        '<path style="fill:url(https://example.org/x)"/>',
        '<path fill="url(https://example.org/x)"/>',
        '<path style="fill:\\75rl(x)"/>',
        '<g display="none"><text>A note</text></g>',
        '<g style="visibility:hidden"><text>A note</text></g>',
        "<g>" * 40 + "</g>" * 40,
        "<path/>" * 3_001,
        f'<path d="{"M0 0" * (LARGEST_SVG // 4)}"/>',
        "</svg><svg>",
        "&amp;</g>",
    ],
)
def test_svg_that_could_harm_or_is_too_large_is_refused(inside):
    with pytest.raises(FigureError):
        read(f'<svg xmlns="{SVG}" viewBox="0 0 9 9">{inside}</svg>')


@pytest.mark.parametrize(
    "data",
    [
        "",
        "GIF89a",
        "<svg/>",
        f'<svg xmlns="{SVG}"><path/></svg>',
        f'<svg xmlns="{SVG}" viewBox="0 0 10 0"><path/></svg>',
        f'<svg xmlns="{SVG}" viewBox="0 0 1.2.3 10"><path/></svg>',
        f'<!DOCTYPE svg [<!ENTITY x "y">]><svg xmlns="{SVG}" viewBox="0 0 9 9">&x;</svg>',
        f'<svg xmlns="{SVG}" viewBox="0 0 9 9"/>'.encode("utf-16"),
        b"\xff\xd8\xff\xe0 a photograph",
        picture()[:-20],
    ],
)
def test_what_is_no_drawing_is_refused(data):
    with pytest.raises(FigureError):
        read(data)


@pytest.mark.parametrize("side", [6_000, 20_000, 2**31 - 1])
def test_picture_of_too_many_pixels_is_refused_by_its_header(side):
    header = picture()
    size = struct.pack(">II", side, side)
    header = header[:16] + size + header[24:29]
    header += struct.pack(">I", zlib.crc32(header[12:29]))

    with pytest.raises(FigureError, match="25 million"):
        read(header + picture()[33:])


def test_picture_is_written_anew_inside_a_drawing():
    exif = Image.Exif()
    exif[0x010E] = "Taken at home"
    uploaded = read(picture(kind="JPEG", exif=exif) + b"<script>")

    data = pixels_of(uploaded)
    assert b"Taken at home" not in data
    assert b"script" not in data
    assert Image.open(io.BytesIO(data)).size == (40, 20)
    assert ET.fromstring(uploaded.svg).get("viewBox") == "0 0 40 20"
    assert sanitised(drawn(uploaded)) == drawn(uploaded)


def test_large_photograph_is_made_small_enough_for_a_page():
    noise = Image.effect_noise((2_000, 1_000), 90).convert("RGB")

    assert len(pixels_of(read(picture(image=noise, kind="JPEG")))) <= LARGEST_PICTURE


def test_transparent_picture_gets_white_paper():
    uploaded = read(picture("RGBA"))

    image = Image.open(io.BytesIO(pixels_of(uploaded))).convert("RGB")
    assert image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    "markup",
    [
        '<svg><image href="https://example.org/x.png"></image></svg>',
        '<svg><image href="data:image/svg+xml;base64,AA=="></image></svg>',
        '<a href="data:text/html,x">a</a>',
        '<a href="da\tta:text/html,x">a</a>',
    ],
)
def test_sanitiser_lets_no_other_picture_or_data_through(markup):
    assert "href" not in sanitised(markup)
