"""
The catalogues of the site's own words: gathered from the code, kept with their translations.

    python docs/messages.py            gather, and write every catalogue anew
    python docs/messages.py --check    say what is not as it would be written; exit code 1
    python docs/messages.py --new LANG begin a catalogue, such as zh-hans
    python docs/messages.py --new en-xa
                                       make the test language, which git ignores
    python docs/messages.py --approve LANG --by WHO
                                       record that a qualified reader approves every word of it

Translations are never made here; the test language ``en-xa`` alone is, by letters with accents, so
that a page shows at a glance which of its words no translator would ever see.
"""

import argparse
import hashlib
import io
import json
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import to_language, to_locale
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "education" / "locale"
TEST_LANGUAGE = "en-xa"
LONG = 200  # characters; longer words wrap anyway
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "gettext_noop": None, "_": None, "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
_ACCENTS = str.maketrans("aceginorsuyACEGINORSUYdtl", "åçéĝîñöŕšûýÅÇÉĜÎÑÖŔŠÛÝđţļ")
# What a translator leaves alone: places to fill in, and elements.
_FIXED = re.compile(r"(%\(\w+\)s|%%|\{[^{}]*\}|<[^<>]*>|&\w+;)")


def gathered() -> Catalog:
    """Every message of the code and the templates, with where it is said."""
    catalog = Catalog(project="patient-education portal", fuzzy=False, charset="utf-8")
    sources = [
        *((ROOT / "education").rglob("*.py")),
        *((ROOT / "portal").rglob("*.py")),
        *((ROOT / "templates").rglob("*.html")),
        *((ROOT / "templates").rglob("*.xml")),
    ]
    for path in sorted(sources):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = _as_python(text)
        name = path.relative_to(ROOT).as_posix()
        for _, message, _, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
            catalog.add(message, locations=[(name, None)], context=context)
    return catalog


def _as_python(template: str) -> str:
    """A template as the Python that Django makes of it for gettext; the rest is blanked out."""
    return "\n".join(line.strip() for line in templatize(template).splitlines())


def translated(code: str, messages: Catalog) -> Catalog:
    """The catalogue of a language with exactly ``messages``; what is translated stays."""
    path = _path(code)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=_plurals_of(code))
    else:
        catalog = Catalog(
            locale=_plurals_of(code),
            header_comment=f"# The site's own words: {code}",
            fuzzy=False,
            project="patient-education portal",
            version="1",
            msgid_bugs_address="none",
        )
    catalog.update(messages, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    if code == TEST_LANGUAGE:
        for message in catalog:
            if message.id:
                message.string = (
                    tuple(map(disguised, message.id))
                    if isinstance(message.id, tuple)
                    else disguised(message.id)
                )
    return catalog


def disguised(message: str) -> str:
    """A message in the test language: other letters, half as long again, the same places."""
    pieces = _FIXED.split(message)
    pieces[::2] = [piece.translate(_ACCENTS) for piece in pieces[::2]]
    letters = sum(len(piece) for piece in pieces[::2])
    return "".join(pieces) + ("~" * (letters // 3) if letters < LONG else "")


def written(catalog: Catalog) -> tuple[bytes, bytes]:
    """A catalogue as ``.po`` for translators and as ``.mo`` for the site."""
    source, compiled = io.BytesIO(), io.BytesIO()
    write_po(source, catalog, width=100, sort_output=True, no_location=True)
    write_mo(compiled, catalog)
    return source.getvalue(), compiled.getvalue()


def approve(code: str, catalog: Catalog, by: str) -> None:
    """Record beside a catalogue who approves it as it is; raises ``SystemExit`` if it has gaps."""
    missing = [message.id for message in catalog if message.id and not _is_whole(message)]
    if missing or code == TEST_LANGUAGE:
        sys.exit(f"{code} can't be approved: {len(missing)} messages are not translated.")
    record = {
        "approved_by": by,
        "approved_on": datetime.now(UTC).date().isoformat(),
        "sha256": _digest(code),
    }
    text = json.dumps(record, ensure_ascii=False, indent=2)
    _path(code).with_name("approved.json").write_text(f"{text}\n", encoding="utf-8")


def _is_whole(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return bool(strings) and all(strings)


def _digest(code: str) -> str:
    return hashlib.sha256(_path(code).read_bytes()).hexdigest()


def _plurals_of(code: str) -> str:
    """The language whose rules for one and many hold."""
    return "en" if code == TEST_LANGUAGE else str(Locale.parse(code, sep="-"))


def _path(code: str) -> Path:
    return LOCALE / to_locale(code) / "LC_MESSAGES" / "django.po"


def main() -> int:
    """Do what was asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--new", metavar="LANG")
    parser.add_argument("--approve", metavar="LANG")
    parser.add_argument("--by", default="", help="their role and qualification, not their name")
    options = parser.parse_args()
    codes = {to_language(path.parent.parent.name) for path in LOCALE.glob("*/*/django.po")}
    codes |= {options.new} if options.new else set()
    messages, stale = gathered(), False
    if options.check:
        codes.discard(TEST_LANGUAGE)
    for code in sorted({TEST_LANGUAGE} if options.new == TEST_LANGUAGE else codes):
        catalog, path = translated(code, messages), _path(code)
        missing = sum(not _is_whole(message) for message in catalog if message.id)
        print(f"{code}: {len(catalog)} messages, {missing} not translated")
        for target, content in zip((path, path.with_suffix(".mo")), written(catalog), strict=True):
            if target.exists() and target.read_bytes() == content:
                continue
            stale = True
            if options.check:
                print(f"{target.relative_to(ROOT)} is not up to date: run docs/messages.py")
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                new = target.with_suffix(f".{os.getpid()}")
                new.write_bytes(content)
                new.replace(target)  # whole or not at all: tests make it side by side
        if options.approve == code and options.by:
            approve(code, catalog, options.by)
    return int(stale and options.check)


if __name__ == "__main__":
    sys.exit(main())
