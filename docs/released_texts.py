"""
What releases shipped, kept so that sites can tell it from texts of their own.

    python docs/released_texts.py            write both files anew
    python docs/released_texts.py --check    say which is not as it would be written; exit code 1

``education/content/released.json`` has a digest of each article that a release shipped, read from
the commits that ``CHANGELOG.md`` names. ``education/content/corrected.json`` has the statements of
``docs/audit-of-text.md`` that were wrong, each with its row and what is said in its place.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from education.articles.files import read_article  # noqa: E402
from education.articles.shipped_texts import RELEASED, text_digest  # noqa: E402
from education.publishing.corrected_statements import CORRECTED  # noqa: E402

ARTICLES = "education/content/articles"
# Rows by other names are about words that were hard or uneven, or about what was not told at all.
WRONG = re.compile(r"\d+|not in its record")
RELEASE = re.compile(r"^## (\d+\.\d+\.\d+),.*\(commit ([0-9a-f]{7,40})\)$", re.MULTILINE)


def git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607 - the one on the path
        cwd=ROOT,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return done.stdout


def released() -> dict[str, dict[str, str]]:
    """Of each article the digests of its released texts, each with the first release of it."""
    found: dict[str, dict[str, str]] = {}
    releases = RELEASE.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        for release, commit in reversed(releases):
            for name in git("ls-tree", "--name-only", f"{commit}:{ARTICLES}").split():
                path = Path(folder) / name
                path.write_text(git("show", f"{commit}:{ARTICLES}/{name}"), encoding="utf-8")
                file = read_article(path)
                digests = found.setdefault(file.fields["slug"], {})
                digests.setdefault(text_digest(file.draft), release)
    return found


def corrected() -> list[dict[str, str]]:
    """The rows of the table whose old sentence was wrong, not only hard to read or uneven."""
    table = (ROOT / "docs" / "audit-of-text.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("|") and not line.startswith(("| row", "|---"))
    ]
    return [
        {"row": row, "slug": file.strip("`"), "old": old, "new": "" if new == "—" else new}
        for row, file, old, new, *_ in rows
        if old != "—" and WRONG.fullmatch(row)
    ]


def main(*arguments: str) -> None:
    wrong = []
    for path, data in ((RELEASED, released()), (CORRECTED, corrected())):
        text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            wrong.append(path.name)
    if wrong:
        sys.exit(f"Not as python docs/released_texts.py writes it: {', '.join(wrong)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
