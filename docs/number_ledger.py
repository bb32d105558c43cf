"""
The ledger of numbers in the text that ships, ``education/content/numbers.json``.

    python docs/number_ledger.py            write it anew, and say what changed and what to look at
    python docs/number_ledger.py --check    say what is wrong; exit code 1

Each number in an article has a row: the passage, value, denominator, time, comparator, direction,
certainty and the works it is from. The value must stand in what is held of one of them
(``evidence.json`` and ``findings.yaml``). Where it can't, because it is no finding or was worked
out from several, a person says why in ``because``, which is kept when the ledger is written anew.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

import yaml  # noqa: E402

from education.articles.files import SafeLoader, read_article  # noqa: E402
from education.text.numbers import (  # noqa: E402
    NumberUse,
    key_of,
    ledger_problems,
    numbers_in,
    traced,
)
from education.text.rendering import Source, render  # noqa: E402

CONTENT = ROOT / "education" / "content"
LEDGER = CONTENT / "numbers.json"


def records() -> dict[str, Any]:
    """What is held of each work, with its findings as data."""
    works = json.loads((CONTENT / "evidence.json").read_text("utf-8"))
    findings = yaml.load((CONTENT / "findings.yaml").read_text("utf-8"), SafeLoader)  # noqa: S506
    return {work["id"]: [work, findings.get(work["id"], {})] for work in works}


def numbers_by_article(held: dict[str, Any]) -> dict[str, list[NumberUse]]:
    """The numbers of each article."""
    sources = {key: Source(key=key, text=key, usable=True) for key in held}
    numbers = {}
    for path in sorted((CONTENT / "articles").glob("*.md")):
        tree = render(read_article(path).draft, sources).tree
        numbers[path.stem] = list(numbers_in(tree))
    return numbers


def written(uses: dict[str, list[NumberUse]], held: dict[str, Any]) -> str:
    """The ledger anew, with each reason that a row of before gave."""
    before = json.loads(LEDGER.read_text("utf-8")) if LEDGER.exists() else {}
    ledger: dict[str, list[dict[str, Any]]] = {}
    for name, of_article in uses.items():
        kept = {key_of(row): row["because"] for row in before.get(name, ()) if "because" in row}
        ledger[name] = []
        for use in of_article:
            row = json.loads(json.dumps(use.row()))  # as it is when read
            how = traced(use.value, use.of, [held.get(key, {}) for key in use.cites])
            if use.key() in kept:
                row["because"] = kept[use.key()]
            elif how:
                row["found"] = how
            ledger[name].append(row)
            if row not in before.get(name, ()):
                print(f"{name}, {use.where}: {use.value}: “{use.passage}”")
    rows = (
        f' "{name}": [\n  '
        + ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in ledger[name])
        + "\n ]"
        for name in ledger
    )
    return "{\n" + ",\n".join(rows) + "\n}\n"


def main() -> int:
    """Write or check the ledger."""
    held = records()
    uses = numbers_by_article(held)
    if "--check" not in sys.argv:
        LEDGER.write_text(written(uses, held), "utf-8")
        print("Read each line above against its work; say why in “because” where told below.")
    listed = json.loads(LEDGER.read_text("utf-8"))
    problems = [
        f"{name}, {problem}"
        for name in uses | listed
        for problem in ledger_problems(listed.get(name, ()), uses.get(name, ()), held)
    ]
    print("\n".join(problems) or "Every number is in the ledger and in its finding.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
