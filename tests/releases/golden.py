"""
Golden files: all that a site with a released database says to readers, machines and clinics.

    python -m tests.releases.golden RELEASE...

writes ``tests/releases/golden/RELEASE.txt.xz`` anew; docs/releasing.md says when.
"""

import difflib
import lzma
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RELEASES = sorted(file.name.removesuffix(".json.xz") for file in FOLDER.glob("*.json.xz"))
# Begins the line that names an address; its answer is on the lines below.
MARK = "=== "


def served(release: str, database: str = "") -> str:
    """What is served with a release's database now; made in an empty database, SQLite's if none."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ,
            "DATABASE_URL": database or f"sqlite:///{folder}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "LOG_LEVEL": "ERROR",  # pages that are gone are part of it
        }
        file = FOLDER / f"{release}.json.xz"
        command = [sys.executable, "-m", "tests.releases.serve", str(file)]
        done = subprocess.run(
            command, cwd=FOLDER.parents[1], env=env, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def golden_file(release: str) -> Path:
    return FOLDER / "golden" / f"{release}.txt.xz"


def golden(release: str) -> str:
    """What the golden file of a release says; empty where there is none."""
    file = golden_file(release)
    return lzma.decompress(file.read_bytes()).decode() if file.exists() else ""


def differences(before: str, after: str) -> Iterator[str]:
    """Each line that is not as it was, below the address it belongs to; its number is before it."""
    old, new = pages(before), pages(after)
    for address in dict.fromkeys([*old, *new]):
        if address not in new:
            yield f"{address}: is not asked for any more"
        elif address not in old:
            yield f"{address}: was not asked for"
        elif old[address] != new[address]:
            yield address
            yield from changed_lines(old[address], new[address])


def changed_lines(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines that went, then those that came, each with its number."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        if kind != "equal":
            yield from (f"  {n + 1} - {old[n]}" for n in range(from_old, to_old))
            yield from (f"  {n + 1} + {new[n]}" for n in range(from_new, to_new))


def pages(text: str) -> dict[str, list[str]]:
    """The lines of each answer, by address."""
    found: dict[str, list[str]] = {}
    for line in text.split("\n"):
        if line.startswith(MARK):
            address = line.removeprefix(MARK)
            assert address not in found, f"{address} was asked for twice"
            found[address] = []
        elif line:
            found[address].append(line)
    return found


def main(*releases: str) -> None:
    for release in releases:
        text, before = served(release), golden(release)
        for line in differences(before, text) if before else ():
            sys.stdout.write(f"{line}\n")
        file = golden_file(release)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(lzma.compress(text.encode(), preset=9))
        sizes = f"{len(text.encode()) // 1000} kB in {file.stat().st_size // 1000} kB"
        sys.stdout.write(f"{file.name}: {len(pages(text))} answers, {sizes}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
