"""The picture that other sites show beside a link to a page: its title, drawn by Typst as PNG."""

import functools
import json
import re
import threading
from pathlib import Path

import typst
from django.conf import settings
from django.utils.translation import gettext

from education.languages import plain_date
from education.public.context import DEMONSTRATION_NOTICE
from education.publishing.models import Publication

WIDTH, HEIGHT = 1200, 630  # dots; what Open Graph's readers ask for

_FONTS = settings.BASE_DIR / "education" / "handouts" / "fonts"
# A title of so many characters fits in letters of so many points.
_SIZES = ((40, 84), (70, 70), (110, 58), (160, 50), (200, 44))
# Scripts our fonts lack
_BEYOND = re.compile("[\u0530-\u1dff\u2c00-\uffff\U00010000-\U0010ffff]")
_drawing = threading.Lock()  # a compiler serves one thread at a time


def card_of(publication: Publication) -> bytes:
    """A publication's card as PNG; ``typst.TypstError`` when it can't be drawn."""
    reviewed = gettext("Last reviewed {}").format(plain_date(publication.reviewed_on))
    facts = f"{reviewed} · {publication.publisher_name}"
    return _drawn(
        json.dumps(
            {
                "title": publication.title,
                "size": next(size for most, size in _SIZES if len(publication.title) <= most),
                "site": settings.SITE_NAME,
                "facts": facts,
                "notice": str(DEMONSTRATION_NOTICE) if settings.DEMO else "",
                "language": publication.language[:2],
            },
            ensure_ascii=False,
        )
    )


@functools.lru_cache(maxsize=64)
def _drawn(card: str) -> bytes:
    with _drawing:
        compiler = _compiler(system_fonts=bool(_BEYOND.search(card)))
        drawn = compiler.compile(format="png", ppi=72, sys_inputs={"card": card})
    # Names so long that they need a second page are cut at the first.
    first = drawn[0] if isinstance(drawn, list) else drawn
    assert isinstance(first, bytes)
    return first


@functools.cache
def _compiler(*, system_fonts: bool) -> typst.Compiler:
    here = Path(__file__).parent
    fonts = typst.Fonts(
        include_system_fonts=system_fonts, include_embedded_fonts=False, font_paths=[_FONTS]
    )
    return typst.Compiler(here / "card.typ", root=here, font_paths=fonts)
