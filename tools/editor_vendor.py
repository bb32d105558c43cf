"""
Lists the packages of the desk's writing surface in ``docs/licences.md``, from ``frontend``'s lock.

After a build (``npm run build`` in ``frontend`` calls this with ``--built``) it also writes the
SHA-256 of the built file beside it, and the packages' licences as they ask for it.
"""

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FRONTEND = ROOT / "frontend"
LIST = ROOT / "docs" / "licences.md"
BUILT = ROOT / "education" / "static" / "education" / "vendor" / "editor-vendor.js"
TITLE = "\nIn the desk's writing surface (`frontend/package-lock.json`), no page for readers:\n\n"


def packages() -> list[tuple[str, str, str]]:
    """Name, version and licence of every package in the built file, or that these ask for."""
    lock = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))
    return [
        (path.removeprefix("node_modules/"), package["version"], package["license"])
        for path, package in lock["packages"].items()
        if path and not package.get("dev")
    ]


def table(rows: list[tuple[str, str, str]]) -> str:
    """The rows under a head, as the list of Python's packages is written."""
    rows = [("Name", "Version", "License"), *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
        for row in rows
    ]
    lines.insert(1, f"|{'|'.join('-' * (width + 2) for width in widths)}|")
    return "\n".join(lines) + "\n"


def licence_texts() -> str:
    """The licence of every package, as it lies in the package."""
    texts = []
    for name, version, _ in packages():
        folder = FRONTEND / "node_modules" / name
        file = next(path for path in sorted(folder.iterdir()) if path.name.startswith("LICENSE"))
        texts.append(f"{name} {version}\n\n{file.read_text('utf-8').strip()}\n")
    return f"\n{'-' * 72}\n\n".join(texts)


def main(*options: str) -> None:
    """Write the list; with ``--built`` also what stands beside the built file."""
    before = LIST.read_text("utf-8").split(TITLE)[0].rstrip("\n")
    LIST.write_text(f"{before}\n{TITLE}{table(packages())}", "utf-8")
    if "--built" in options:
        digest = hashlib.sha256(BUILT.read_bytes()).hexdigest()
        BUILT.with_name(f"{BUILT.name}.sha256").write_text(f"{digest}  {BUILT.name}\n", "utf-8")
        BUILT.with_name("LICENSES.txt").write_text(licence_texts(), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
