"""
How long the import of the whole dossier takes on SQLite: read, plan, confirm.

``python benchmarks/import_evidence.py`` makes an empty database in a folder of its own, imports
``education/content/evidence.json`` and, on top of it, a thousand made-up works.
Exits 1 when a record is refused or the dossier takes longer than the target.
"""

import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import Sites, alone, empty_site  # noqa: E402
from benchmarks.report import Goal, Part, script, table  # noqa: E402

TARGET_SECONDS = 5.0
WORKS = 1_000


class Taken(NamedTuple):
    """Seconds of each step of one import, and how many records came in or did not."""

    read: float
    plan: float
    confirm: float
    entered: int
    refused: int

    @property
    def total(self) -> float:
        """Seconds in all."""
        return self.read + self.plan + self.confirm


def imported(name: str, data: bytes) -> Taken:
    """Import a file."""
    from education.evidence.importing import confirm_import, plan_of, read, start_import

    begin = time.perf_counter()
    batch = start_import(source=name, records=read(data), by=None)
    was_read = time.perf_counter()
    plan_of(batch)
    planned = time.perf_counter()
    outcome = confirm_import(batch=batch, by=None)
    confirmed = time.perf_counter()
    return Taken(
        was_read - begin, planned - was_read, confirmed - planned,
        len(outcome.entered), len(outcome.refused),
    )  # fmt: skip


def both_imported() -> dict[str, Taken]:
    """The dossier, and made-up works on top of it."""
    made_up = [
        {"id": f"w{n}", "type": "article-journal", "title": f"Work {n}", "DOI": f"10.1000/{n}"}
        for n in range(WORKS)
    ]
    with empty_site():
        dossier = (ROOT / "education" / "content" / "evidence.json").read_bytes()
        return {
            "The dossier": imported("dossier", dossier),
            f"{WORKS:,} made-up works": imported("made up", json.dumps(made_up).encode()),
        }


def importing(made: Sites, *, quick: bool) -> Part:
    """How long each step takes; the same when it is quick, for it is."""
    found = alone(both_imported)
    rows = [
        [
            name, *(f"{seconds:.2f} s" for seconds in (one.read, one.plan, one.confirm, one.total)),
            str(one.entered), str(one.refused),
        ]
        for name, one in found.items()
    ]  # fmt: skip
    total, refused = found["The dossier"].total, sum(one.refused for one in found.values())
    goals = [
        Goal(
            "The dossier is imported in", f"under {TARGET_SECONDS:g} s", f"{total:.2f} s",
            total <= TARGET_SECONDS,
        ),
        Goal("Records refused by the import", "0", str(refused), not refused),
    ]  # fmt: skip
    head = ["", "read", "plan", "confirm", "in all", "entered", "refused"]
    return Part("Import of evidence", table(head, rows), goals)


if __name__ == "__main__":
    sys.exit(script(__doc__, importing))
