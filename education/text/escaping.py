"""
Text made safe for HTML: the only place where it is.

Exactly as an HTML serialiser writes it, so that sanitised output is the same, byte for byte.
"""

import re

# What no page, feed, PDF or database can hold: control characters, halves of a pair,
# noncharacters. U+FFFC is our mark for a citation.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffc\ufffe\uffff\ud800-\udfff\ufdd0-\ufdef]"
)
_OTHER_BLANKS = re.compile("[\x0b\x0c\x85]")


# Characters that Unicode leaves to a font, and what programs put where they could not read one.
_UNSHOWABLE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")


def unshowable(text: str) -> list[str]:
    """The codes of signs that readers can't see: one font's private ones, and lost letters."""
    return [f"U+{ord(sign):04X}" for sign in dict.fromkeys(_UNSHOWABLE.findall(text))]


def writable(text: str) -> str:
    """The text without characters that can't be written everywhere; line ends as line feeds."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWRITABLE.sub("", _OTHER_BLANKS.sub(" ", text))


def escape(text: str) -> str:
    """Text between tags."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\xa0", "&nbsp;")
    )


def attribute(text: str) -> str:
    """Text between double quotes."""
    return escape(text).replace('"', "&quot;")
