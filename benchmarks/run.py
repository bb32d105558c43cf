"""
Every measurement, side by side on this machine, and a page that says what came out.

    python benchmarks/run.py [--quick] [--only NAME ...] [--write docs/benchmarks.md]

With the machine to itself, all of it takes about half an hour and ``--quick``, with rougher
figures, about ten minutes (reckoned). Needs ``wrk`` and nginx (Debian) and, for what we compare
ourselves with, the package registry. Loads go to this machine alone. A part that fails is
told in the page and takes no other with it. Exits 1 when a part failed or a goal was missed.
"""

import argparse
import datetime
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.busy import busy  # noqa: E402
from benchmarks.demonstration import Sites, sites  # noqa: E402
from benchmarks.growth import growth  # noqa: E402
from benchmarks.handouts import handouts  # noqa: E402
from benchmarks.pages import pages  # noqa: E402
from benchmarks.report import (  # noqa: E402
    Goal,
    Measured,
    Part,
    goals_table,
    machine,
    say,
    versions,
)

# Where something lies on this machine is nobody's business.
FOLDERS = re.compile(r"(?<![\w:/.])(/[\w.+-]+)+/")

PARTS: dict[str, Measured] = {
    "pages": pages, "growth": growth, "busy": busy, "handouts": handouts,
}  # fmt: skip


def measured(name: str, made: Sites, *, quick: bool) -> Part:
    """A part, or that it failed and how."""
    begin = time.monotonic()
    say(f"{name} …")
    try:
        part = PARTS[name](made, quick=quick)
    except Exception as error:  # noqa: BLE001 - the others are worth having
        words = FOLDERS.sub("", " ".join(str(error).split()))[-400:].replace("|", "/")
        part = Part(name, f"Failed: {words}", [Goal(name, "to be measured", "failed", met=False)])
    say(f"{part.text}\n\n{name} took {time.monotonic() - begin:.0f} s\n")
    return part


def page(parts: list[Part], where: str, *, minutes: float) -> str:
    """All that was found, the goals first."""
    goals = [goal for part in parts for goal in part.goals]
    made_of = [*versions(), *(one for part in parts for one in part.versions)]
    today = datetime.datetime.now(datetime.UTC)
    command = " ".join(["python benchmarks/run.py", *sys.argv[1:]])
    sections = [
        "# What was measured",
        f"`{command}` wrote this on {today:%d %B %Y}, in {minutes:.0f} minutes.",
        where,
        ", ".join(made_of) + ".",
        "## Goals",
        goals_table(goals),
    ]
    for part in parts:
        sections += [f"## {part.title}", part.text]
    return "\n\n".join(sections) + "\n"


def main() -> int:
    """Run what was asked for; 0 when every part went through and every goal is met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="Shorter: figures are rougher.")
    parser.add_argument("--write", type=Path, help="Also write what was found to this file.")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="NAME", help=", ".join(PARTS))
    options = parser.parse_args()
    begin, where = time.monotonic(), machine()
    names = options.only or list(PARTS)
    with sites() as made:
        parts = [measured(name, made, quick=options.quick) for name in names]
    minutes = (time.monotonic() - begin) / 60
    text = page(parts, where, minutes=minutes)
    say(text)
    if options.write:
        options.write.write_text(text, "utf-8")
    return int(not all(goal.met for part in parts for goal in part.goals))


if __name__ == "__main__":
    sys.exit(main())
