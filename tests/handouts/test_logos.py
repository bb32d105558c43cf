import io
import struct
import tracemalloc
import zlib

import pytest
from PIL import Image

from education.handouts.logos import LARGEST_FILE, LogoError, check_logo
from education.handouts.typesetting import ClinicHeader, typeset
from education.text.uploads import LARGEST_UPLOAD
from tests.handouts.paper import SVG, chunk, make_copy, make_png, make_tree


def pixels(png):
    return Image.open(io.BytesIO(png)).convert("RGBA").tobytes()


def test_check_logo_keeps_a_drawing_and_drops_the_notes_of_its_program():
    drawing = (
        '<?xml version="1.0"?><!-- Made by hand -->'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:ink="http://ink.example/" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" width="80mm" height="40mm" ink:version="1">'
        "<title>Logo</title><metadata><ink:page/></metadata><ink:view/>"
        "<style><![CDATA[.a{fill:#123456}]]></style>"
        '<defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient></defs>'
        '<g ink:label="x"><rect class="a" width="9" height="9" fill="url(#g)"/></g></svg>'
    )

    logo = check_logo(drawing.encode("utf-8-sig"))

    assert (logo.kind, logo.width, logo.height) == ("svg", 80, 40)
    assert logo.content_type == "image/svg+xml"
    kept = logo.as_svg()
    assert "url(#g)" in kept
    assert ".a{fill:#123456}" in kept
    assert "ink" not in kept
    assert "metadata" not in kept
    assert check_logo(logo.data).data == logo.data


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ('<rect width="1" height="1" onload="x()"/>', "has a script"),
        ('<rect width="1" height="1" OnClick="x()"/>', "has a script"),
        ("<foreignObject><p>hi</p></foreignObject>", "<foreignObject>"),
        ('<image href="https://elsewhere.example/x.png"/>', "<image>"),
        ('<image href="data:image/png;base64,AAAA"/>', "<image>"),
        ('<use id="a" href="#a"/>', "clones of clones"),
        ('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>', "clones of clones"),
        (
            "".join(
                f'<g id="n{n}">' + f'<use href="#n{n - 1}"/>' * 10 + "</g>" for n in range(1, 9)
            ),
            "3,000 parts",
        ),
        ('<use href="//elsewhere.example/a.svg#b"/>', "another file or address"),
        ('<a href="https://elsewhere.example"><path d="M0 0"/></a>', "<a>"),
        ('<filter id="f"/>', "<filter>"),
        ('<pattern id="f"/>', "<pattern>"),
        ('<animate attributeName="x"/>', "<animate>"),
        ('<path d="M0 0" fill="url(https://elsewhere.example/#a)"/>', "point outside"),
        ('<path d="M0 0" fill="u\\72l(//elsewhere.example)"/>', "point outside"),
        ('<path d="M0 0" style="fill:url( \'//elsewhere.example\' )"/>', "point outside"),
        ("<style>@import '//elsewhere.example/a.css';</style>", "point outside"),
        ('<path d="M0 0" href="//elsewhere.example/a.svg#b"/>', "another file or address"),
        (
            '<path xmlns:l="http://www.w3.org/1999/xlink" l:href="file:///etc/passwd" d="M0 0"/>',
            "another file or address",
        ),
        ("<g>" * 40 + "</g>" * 40, "30 deep"),
        ("<g/>" * 3_001, "3,000 parts"),
        ("<g>", "can't be read"),
    ],
)
def test_check_logo_refuses_a_drawing_that_does_more_than_draw(inside, message):
    with pytest.raises(LogoError, match=message):
        check_logo(SVG.replace("{}", inside).encode())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"x" * (LARGEST_UPLOAD + 1), "10.0 MB; a logo may have 10"),
        (b"\xff\xd8\xff\xe0 a photograph", "damaged"),
        (b"%PDF-1.6 an Illustrator file", "SVG, PNG or JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "SVG, PNG or JPEG"),
        (b"<html><svg></svg></html>", "not an SVG"),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>'.encode("utf-16"), "SVG, PNG or JPEG"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" \xff/>', "not in UTF-8"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no size"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 nan 4"/>', "no size"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="1..2" height="3"/>', "no size"),
        (
            b'<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
            "DOCTYPE or entities",
        ),
        (b'<!-- > --><!DOCTYPE svg SYSTEM "file:///etc/passwd"><svg/>', "DOCTYPE or entities"),
    ],
)
def test_check_logo_refuses_what_is_no_logo(data, message):
    with pytest.raises(LogoError, match=message):
        check_logo(data)


@pytest.mark.parametrize(("colour", "depth"), [(0, 1), (0, 16), (2, 8), (4, 8), (6, 16)])
def test_check_logo_keeps_pixels_and_drops_the_rest(colour, depth):
    profile = chunk(b"iCCP", b"bomb\0\0" + zlib.compress(b"\0" * 100_000))
    plain = make_png(colour=colour, depth=depth)
    unlike = make_png(colour=colour, depth=depth, rows=b"\0" * 1000)

    logo = check_logo(make_png(colour=colour, depth=depth, extra=profile) + b"trailing")

    assert (logo.kind, logo.width, logo.height) == ("png", 3, 2)
    assert pixels(logo.data) == pixels(plain) != pixels(unlike)
    assert b"bomb" not in logo.data
    assert b"trailing" not in logo.data
    assert "data:image/png;base64," in logo.as_svg()


def test_check_logo_leaves_nothing_of_a_file_that_is_two_kinds_at_once():
    """Packed pixels end by themselves; what stands behind them is another file's."""
    page = b"<script>alert(1)</script>PK\x03\x04"
    rows = b"".join(b"\0" + bytes(range(9)) for _ in range(2))
    head = struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"PLTE", b"\1\2\3" * 256 + page), (b"tRNS", b"\0" * 256 + page),
             (b"tEXt", page), (b"IDAT", zlib.compress(rows) + page), (b"IEND", page)]  # fmt: skip
    data = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts) + page

    logo = check_logo(data)

    assert b"script" not in logo.data
    assert b"PK" not in logo.data
    assert check_logo(logo.data).data == logo.data
    assert pixels(logo.data) == pixels(data)


def test_check_logo_knows_how_interlaced_rows_are_stored():
    # 9 by 3 pixels of one byte: passes of 2×1, 1×1, no third, 2×1, 5×1, 4×2 and 9×1
    sizes = [(2, 1), (1, 1), (2, 1), (5, 1), (4, 2), (9, 1)]
    rows = b"".join((b"\0" + b"\x80" * across) * down for across, down in sizes)

    logo = check_logo(make_png(9, 3, colour=0, rows=rows, interlaced=1))

    assert (logo.width, logo.height) == (9, 3)
    assert set(pixels(logo.data)) == {0x80, 0xFF}  # grey, and nothing of it seen through


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (make_png(25_001, 1_000, rows=b""), "25,001 by 1,000 pixels"),
        (make_png(60_000, 60_000, rows=b""), "too many pixels"),
        (make_png(2_000, 1_001, rows=b""), "damaged"),
        (make_png(0, 1, rows=b""), "damaged"),
        (make_png(rows=b"\0" * 5), "cut short"),
        (make_png(extra=chunk(b"tEXt", b"a")[:-1] + b"x"), "damaged"),
        (make_png()[:-6], "cut short"),
        (make_png()[:40], "cut short"),
        (make_png().replace(b"IDAT", b"IDAX"), "damaged"),
        (b"\x89PNG\r\n\x1a\n", "cut short"),
        (make_png(depth=3, rows=b""), "of a kind"),
    ],
)
def test_check_logo_refuses_pixels_it_can_not_trust(data, message):
    with pytest.raises(LogoError, match=message):
        check_logo(data)


def test_check_logo_unpacks_no_more_than_the_header_promised():
    bomb = make_png(10, 10, rows=b"\0" * 100_000_000)
    assert len(bomb) < LARGEST_FILE

    tracemalloc.start()
    logo = check_logo(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 2_000_000
    assert len(logo.data) < 1000
    assert pixels(logo.data) == bytes([0, 0, 0, 255]) * 100


ILLUSTRATOR = """<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator 16.0.0, SVG Export Plug-In -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
  <!ENTITY ns_extend "http://ns.adobe.com/Extensibility/1.0/">
  <!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">
  <!ENTITY ns_svg "http://www.w3.org/2000/svg">
]>
<svg version="1.1" id="Layer_1" xmlns:x="&ns_extend;" xmlns:i="&ns_ai;" xmlns="http://www.w3.org/2000/svg"
  xmlns:xlink="http://www.w3.org/1999/xlink" width="120px" height="60px" viewBox="0 0 120 60"
  enable-background="new 0 0 120 60" xml:space="preserve">
<switch>
  <foreignObject requiredExtensions="&ns_ai;" x="0" y="0" width="1" height="1">
    <i:pgfRef xlink:href="#adobe_illustrator_pgf"/>
  </foreignObject>
  <g i:extraneous="self">
    <defs><rect id="SVGID_1_" width="120" height="60"/></defs>
    <clipPath id="SVGID_2_"><use xlink:href="#SVGID_1_" overflow="visible"/></clipPath>
    <g clip-path="url(#SVGID_2_)"><path id="leaf" fill="#0B5257" d="M0 0h20v20z"/>
      <use xlink:href="#leaf" x="30"/></g>
  </g>
</switch>
<i:pgf id="adobe_illustrator_pgf">eJzsvWl3</i:pgf>
</svg>"""


def test_check_logo_takes_what_illustrator_writes():
    logo = check_logo(ILLUSTRATOR.encode())

    assert (logo.kind, logo.width, logo.height) == ("svg", 120, 60)
    kept = logo.as_svg()
    assert kept.count(' href="#') == kept.count("<use ") == 2
    assert "adobe" not in kept
    assert "foreignObject" not in kept
    assert check_logo(logo.data).data == logo.data
    typeset([make_tree()], copy=make_copy(clinic=ClinicHeader("Clinic", logo=logo)))


def test_check_logo_takes_no_entity_that_is_more_than_the_name_of_a_namespace():
    hidden = ILLUSTRATOR.replace(">\n]>", '>\n<!ENTITY a "<script/>">]>')
    used = ILLUSTRATOR.replace("eJzsvWl3", "&ns_ai;")

    with pytest.raises(LogoError, match="DOCTYPE or entities"):
        check_logo(hidden.encode())
    with pytest.raises(LogoError, match="can't be read"):
        check_logo(used.encode())


def test_check_logo_reads_the_latin_letters_that_a_drawing_names():
    drawing = SVG.replace("{}", "<text>H\u00f4pital</text>")
    source = '<?xml version="1.0" encoding="ISO-8859-1"?>' + drawing

    assert "H\u00f4pital" in check_logo(source.encode("latin-1")).as_svg()


def make_picture(size, kind, mode="RGB", **options):
    written = io.BytesIO()
    noise = Image.effect_noise((size[0] // 8, size[1] // 8), 90).resize(size)
    noise.convert("RGB").convert(mode).save(written, kind, **options)
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (make_picture((300, 200), "JPEG"), (300, 200)),
        (make_picture((300, 200), "JPEG", "CMYK"), (300, 200)),
        (make_picture((300, 200), "JPEG", "L"), (300, 200)),
        (make_picture((3_000, 1_500), "JPEG", "CMYK"), (1_064, 532)),
        (make_picture((1_500, 3_000), "PNG"), (332, 664)),
        (make_png(4_001, 1), (1_064, 1)),
    ],
    ids=["JPEG", "CMYK", "grey", "large CMYK", "large PNG", "long PNG"],
)
def test_check_logo_takes_pictures_of_printers_and_posters(data, size):
    logo = check_logo(data)

    assert (logo.kind, (logo.width, logo.height)) == ("png", size)
    assert Image.open(io.BytesIO(logo.data)).mode in {"RGB", "RGBA", "L", "P"}
    assert len(logo.data) <= LARGEST_FILE
    assert check_logo(logo.data).data == logo.data


def test_check_logo_turns_what_a_camera_took_on_its_side():
    exif = Image.Exif()
    exif[0x0112] = 6

    assert check_logo(make_picture((64, 32), "JPEG", exif=exif)).width == 32
