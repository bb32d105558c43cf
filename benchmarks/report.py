"""What every measurement says in the end: its figures, and which goals they meet."""

import argparse
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, Protocol

from benchmarks.demonstration import Sites, sites, wheel_with_postgresql


class Goal(NamedTuple):
    """What was asked for, and what came out."""

    what: str
    asked: str
    measured: str
    met: bool


class Part(NamedTuple):
    """One measurement: figures as Markdown, goals, versions of what it brought along."""

    title: str
    text: str
    goals: Sequence[Goal] = ()
    versions: Sequence[str] = ()


class Measured(Protocol):
    """A measurement on demonstration sites, in full or quickly."""

    def __call__(self, made: Sites, *, quick: bool) -> Part: ...


def say(line: str) -> None:
    """To the person at the terminal, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def goals_table(goals: Iterable[Goal]) -> str:
    """Each goal beside what was measured."""
    rows = (
        (one.what, one.asked, one.measured, "met" if one.met else "**not met**") for one in goals
    )
    return table(["goal", "asked for", "measured", ""], rows)


def machine() -> str:
    """What it was measured on; nothing that says whose it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    busy = os.getloadavg()[0]
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()} "
        f"{platform.release().partition('-')[0]}; {busy:.1f} processes wanted a core when it began."
    )


def versions() -> list[str]:
    """What the site is made of here; parts add what they bring along."""
    return [
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("Django", "gunicorn", "typst")),
        f"SQLite {sqlite3.sqlite_version}",
        f"PostgreSQL {_told_by(_postgres(), '--version')}",
        *(f"{name} {_told_by(name, '-v')}" for name in ("nginx", "wrk")),
    ]


def script(doc: str | None, measured: Measured) -> int:
    """Take one measurement alone, say it and perhaps write it; 0 when its goals are met."""
    options = arguments(doc).parse_args()
    where = machine()
    with sites() as made:
        part = measured(made, quick=options.quick)
    text = "\n\n".join([where, part.text, *([goals_table(part.goals)] if part.goals else [])])
    say(text)
    if options.write:
        options.write.write_text(f"{text}\n", "utf-8")
    return int(not all(goal.met for goal in part.goals))


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """What every script understands."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="Shorter: figures are rougher.")
    parser.add_argument("--write", type=Path, help="Also write what was found to this file.")
    return parser


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _postgres() -> str:
    wheel = wheel_with_postgresql()
    return str(wheel.utils.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION] / "postgres")


def _told_by(program: str, flag: str) -> str:
    path = shutil.which(program)
    if not path:
        return "missing"
    done = subprocess.run([path, flag], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr)
    return found[0] if found else "?"
