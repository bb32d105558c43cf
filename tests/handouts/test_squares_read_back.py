"""The square of a handout is read back by a scanner from paper as it comes out of use: zbar."""

import random
import subprocess

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from education.handouts.typesetting import PrintOptions, typeset
from tests.handouts.paper import (
    CODE,
    make_copy,
    make_tree,
    needs_poppler,
    needs_zbar,
    squares_on,
)

pytestmark = [needs_poppler, needs_zbar]

ADDRESS = f"https://portal.example/check/{CODE}/?printed=2026-04"
DPI = 200  # what office scanners choose for text; a dot of the square is 4 to 5 points wide


@pytest.fixture(scope="module", params=["a4", "letter-giant-black"])
def page(request, tmp_path_factory):
    """The first page of a handout, as printed and scanned without a fault."""
    options = {
        "a4": PrintOptions(),
        "letter-giant-black": PrintOptions(paper="letter", size="giant", black_and_white=True),
    }[request.param]
    folder = tmp_path_factory.mktemp("square")
    pdf = typeset([make_tree()], copy=make_copy(scan_url=ADDRESS), options=options)
    (folder / "handout.pdf").write_bytes(pdf)
    drawn = ["pdftoppm", "-r", str(DPI), "-l", "1", "-singlefile", "-png", "-gray"]
    subprocess.run([*drawn, folder / "handout.pdf", folder / "page"], check=True)
    with Image.open(folder / "page.png") as image:
        return image.convert("L")


def addresses_read(image, folder):
    """What a scanner reads on a picture."""
    path = folder / "scan.png"
    image.save(path)
    return squares_on(path)


def turned(image, degrees):
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def blurred(image, radius):
    return image.filter(ImageFilter.GaussianBlur(radius))


def noisy(image, spread):
    """Each point lighter or darker by chance, which is the same in every run."""
    noise = Image.frombytes("L", image.size, random.Random(7).randbytes(image.width * image.height))
    around = noise.point(lambda value: 128 + (value - 128) * spread // 128)
    return ImageChops.add(image, around, offset=-128)


def faded(image, share):
    """Grey print on grey paper."""
    return ImageEnhance.Contrast(image).enhance(share)


def photocopied(image):
    """A copier's glass and toner: a little smaller, a little turned, then black or white."""
    smaller = image.resize((image.width * 96 // 100, image.height * 96 // 100))
    softened = blurred(turned(smaller, 0.7), 0.8)
    return softened.point(lambda value: 0 if value < 150 else 255)


def folded_and_stained(image):
    """A crease through the square, and the ring of a cup at its corner."""
    damaged = image.copy()
    draw = ImageDraw.Draw(damaged)
    right, bottom = image.width - 160, image.height - 160
    draw.line([(right - 140, bottom + 60), (right + 60, bottom - 90)], fill=150, width=2)
    draw.ellipse([(right - 20, bottom - 20), (right + 180, bottom + 180)], outline=170, width=5)
    return damaged


def test_the_square_of_a_rendered_page_leads_to_the_copy(page, tmp_path):
    assert addresses_read(page, tmp_path) == [ADDRESS]


@pytest.mark.soak
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda page: turned(page, 3), id="turned a little"),
        pytest.param(lambda page: turned(page, 17), id="askew"),
        pytest.param(lambda page: turned(page, 180), id="upside down"),
        pytest.param(lambda page: blurred(page, 1.2), id="out of focus"),
        pytest.param(lambda page: noisy(page, 40), id="noisy"),
        pytest.param(lambda page: faded(page, 0.25), id="faded"),
        pytest.param(photocopied, id="photocopied"),
        pytest.param(lambda page: photocopied(photocopied(page)), id="photocopied twice"),
        pytest.param(
            lambda page: photocopied(photocopied(photocopied(page))), id="photocopied thrice"
        ),
        pytest.param(folded_and_stained, id="folded and stained"),
        pytest.param(
            lambda page: noisy(faded(blurred(turned(page, 5), 0.8), 0.6), 15), id="all of it"
        ),
    ],
)
def test_the_square_is_read_from_a_bad_scan(page, tmp_path, spoil):
    assert addresses_read(spoil(page), tmp_path) == [ADDRESS]
