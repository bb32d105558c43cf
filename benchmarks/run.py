"""
Every measurement, side by side on this machine, and a page that says what came out.

    python benchmarks/run.py [--quick] [--only NAME ...] [--write docs/benchmarks.md]

With the machine to itself, all of it takes about half an hour and ``--quick``, with rougher
figures, about ten minutes (reckoned). Needs ``wrk``, nginx and Redis (Debian) and, for what we
compare ourselves with, the package registry. Loads go to this machine alone. A part that fails is
told in the page and takes no other with it. Exits 1 when a part failed or a goal was missed.
"""

import datetime
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.busy import busy  # noqa: E402
from benchmarks.demonstration import POSTGRESQL, SQLITE, Sites, sites  # noqa: E402
from benchmarks.evidence_library import library  # noqa: E402
from benchmarks.handouts import handouts  # noqa: E402
from benchmarks.import_evidence import importing  # noqa: E402
from benchmarks.nginx import behind_nginx  # noqa: E402
from benchmarks.pages import pages  # noqa: E402
from benchmarks.reading import reading  # noqa: E402
from benchmarks.report import (  # noqa: E402
    Goal,
    Measured,
    Part,
    arguments,
    goals_table,
    machine,
    say,
    versions,
)
from benchmarks.reviewing import reviewing  # noqa: E402
from benchmarks.servers import servers  # noqa: E402

# Seconds after which growth, a script that is run as it stands, is given up.
LONGEST = 900
# Where something lies on this machine is nobody's business.
FOLDERS = re.compile(r"(?<![\w:/.])(/[\w.+-]+)+/")
# What the issue of speed asks for and a test holds, so that nothing here measures it.
BY_TESTS = """\
Held by tests, not measured here: the first request on every process shows a change
(`tests/front/test_two_processes.py`); page weight (`tests/web`, and `benchmarks/reading.py`)."""


def growth(made: Sites, *, quick: bool) -> Part:
    """100, 1,000 and 10,000 articles with evidence, on either engine."""
    sizes = ("100", "1000") if quick else ("100", "1000", "10000")
    runs = {
        SQLITE: _growth("--sizes", *sizes),
        POSTGRESQL: _growth("--postgresql", "--plans", "--sizes", *sizes),
    }
    goals = [
        Goal(
            f"100 to {int(sizes[-1]):,} articles, {engine}",
            "article × 1.1, lists × 1.3, search × 1.5 of the engine's own and 95 % in 50 ms",
            said.strip().splitlines()[-1], not code,
        )
        for engine, (said, code) in runs.items()
    ]  # fmt: skip
    text = "\n\n".join(_as_markdown(said) for said, _ in runs.values())
    return Part("As the site grows", text, goals)


PARTS: dict[str, Measured] = {
    "pages": pages,
    "servers": servers,
    "nginx": behind_nginx,
    "growth": growth,
    "reviewing": reviewing,
    "busy": busy,
    "handouts": handouts,
    "library": library,
    "import": importing,
    "reading": reading,
}
# Takes Node, Chromium and five minutes: only when it is named.
WHEN_NAMED = {"reading"}


def _growth(*given: str) -> tuple[str, int]:
    """What that script says, and its exit code; ``RuntimeError`` when it broke."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        done = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / "growth.py"), *given],
            stdout=subprocess.PIPE, stderr=errors, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip
        errors.seek(0)
        if done.returncode not in (0, 1) or not done.stdout.strip():
            raise RuntimeError(errors.read().strip()[-400:] or f"exit code {done.returncode}")
    return done.stdout, done.returncode


def _as_markdown(said: str) -> str:
    """Lines and tables as a script printed them, with a line between."""
    lines: list[str] = []
    for line in said.strip().splitlines():
        if lines and line.startswith("|") != lines[-1].startswith("|") and lines[-1]:
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


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


def page(
    parts: list[Part], where: str, *, quick: bool, minutes: float, only: Sequence[str] = ()
) -> str:
    """All that was found, the goals first."""
    goals = [goal for part in parts for goal in part.goals]
    made_of = [*versions(), *(one for part in parts for one in part.versions)]
    today = datetime.datetime.now(datetime.UTC)
    command = " ".join(
        [
            "python benchmarks/run.py",
            *(["--quick"] if quick else []),
            *(["--only", *only] if only else []),
        ]
    )
    rough = "; its rounds are short, so its figures are rough" if quick else ""
    sections = [
        "# What was measured",
        f"`{command}` wrote this on {today:%d %B %Y}, in {minutes:.0f} minutes{rough}.",
        where,
        ", ".join(made_of) + ".",
        "## Goals",
        goals_table(goals),
        BY_TESTS,
    ]
    for part in parts:
        sections += [f"## {part.title}", part.text]
    return "\n\n".join(sections) + "\n"


def main() -> int:
    """Run what was asked for; 0 when every part went through and every goal is met."""
    parser = arguments(__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="NAME", help=", ".join(PARTS))
    options = parser.parse_args()
    begin, where = time.monotonic(), machine()
    names = options.only or [name for name in PARTS if name not in WHEN_NAMED]
    with sites() as made:
        parts = [measured(name, made, quick=options.quick) for name in names]
    minutes = (time.monotonic() - begin) / 60
    text = page(parts, where, quick=options.quick, minutes=minutes, only=options.only or ())
    say(text)
    if options.write:
        options.write.write_text(text, "utf-8")
    return int(not all(goal.met for part in parts for goal in part.goals))


if __name__ == "__main__":
    sys.exit(main())
