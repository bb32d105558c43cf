"""Texts to try the writing surface on: every shipped field, and generated ones."""

import random
from functools import cache
from pathlib import Path

import yaml

from education.text.markdown import _PARSERS, DIALECT

ARTICLES = Path(__file__).resolve().parents[2] / "education" / "content" / "articles"
BLOCKS = ("unknowns", "questions")
# What Markdown and our dialect give a meaning, beside words; a text is a few of them in a row.
PIECES = """
    a word Kind · 孩子 的 x2 12 10^6^ H~2~O ^ ~ 5~10 * ** _ __ ` `` [ ] ( ) [@sun2017]
    [@a;@b,·p.·3] [@] @sun [words](https://x.org/a) [w](</a·b>·"t") ![](figure:x)
    ![alt](figure:x·"cap") \\ \\* \\\\ ! & &amp; < > <b> | |--|--| |a|b| #·## ## # - + 1. 2) > >>
    ::: :::·note :::·warning·Title :::: ``` ```icons ~~~ --- *** . , : ; ( ) “ ” —
    \\n \\n \\n\\n \\n\\n \\n\\n ·· ···· \\t - 1.
""".split()  # noqa: SIM905 - a table of signs is read more easily so
SIGNS = [piece.replace("·", " ").replace("\\n", "\n").replace("\\t", "\t") for piece in PIECES]


@cache
def shipped_fields() -> tuple[tuple[str, str], ...]:
    """Every Markdown field of the texts that ship: ``("blocks" or "line", text)``."""
    fields = []
    for path in sorted(ARTICLES.glob("*.md")):
        _, front, body = path.read_text("utf-8").split("---\n", 2)
        parts = yaml.safe_load(front)
        fields.append(("blocks", body.lstrip("\n")))
        fields += [("blocks", parts[name]) for name in BLOCKS if parts.get(name)]
        fields.append(("line", parts["short_answer"]))
        fields += [("line", message["text"]) for message in parts.get("key_messages", ())]
        fields += [("line", term["definition"]) for term in parts.get("terms", ())]
        fields += [("blocks", claim["answer"]) for claim in parts.get("claims", ())]
        for row in parts.get("rows", ()):
            fields += [("blocks", cell["text"]) for cell in row["cells"].values()]
    return tuple(fields)


def generated_texts(count: int, seed: int) -> list[str]:
    """Texts of up to 40 signs and words, the same for the same seed."""
    chance = random.Random(seed)
    return [
        "".join(
            chance.choice(SIGNS) + chance.choice(["", " ", " "])
            for _ in range(chance.randint(1, 40))
        )
        for _ in range(count)
    ]


def tokens(text: str) -> list[list[object]]:
    """What the server's parser reads, as the browser's is asked for it in ``parity.js``."""
    return [_told(token) for token in _PARSERS[DIALECT].parse(text, {})]


def _told(token) -> list[object]:
    attributes = {name: str(value) for name, value in token.attrs.items() if name != "class"}
    inside = [_told(child) for child in token.children or ()]
    if token.type == "text":
        return [token.type, token.content]
    # The server's counts one sign too many in a rule, and gives cells a place; nobody reads either.
    place = [] if token.type == "inline" else token.map or []
    markup = "" if token.type == "hr" else token.markup
    return [
        token.type, token.nesting, place, token.content, markup, token.info.strip(), token.hidden,
        attributes, inside,
    ]  # fmt: skip
