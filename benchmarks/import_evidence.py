"""
How long the import of the whole dossier takes on SQLite: read, plan, confirm.

``python benchmarks/import_evidence.py`` makes an empty database in a folder of its own, imports
``education/content/evidence.json`` and, on top of it, as many made-up works as ``--works`` says.
Exits 1 when a record is refused or the dossier takes longer than the target.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET_SECONDS = 5.0


def say(line: str) -> None:
    """To the person at the terminal."""
    sys.stdout.write(f"{line}\n")


@contextmanager
def timed(what: str, seconds: dict[str, float]) -> Iterator[None]:
    """Measure a step by the wall clock and say it."""
    begin = time.perf_counter()
    yield
    seconds[what] = time.perf_counter() - begin
    say(f"  {what:8} {seconds[what]:6.2f} s")


def measured(name: str, data: bytes) -> tuple[float, int]:
    """Import a file; seconds in all, and how many records were refused."""
    from education.evidence.importing import confirm_import, plan_of, read, start_import

    seconds: dict[str, float] = {}
    say(f"{name}, {len(data) / 1024:,.0f} KB")
    with timed("read", seconds):
        batch = start_import(source=name, records=read(data), by=None)
    with timed("plan", seconds):
        plan_of(batch)
    with timed("confirm", seconds):
        outcome = confirm_import(batch=batch, by=None)
    total = sum(seconds.values())
    say(
        f"  in all   {total:6.2f} s: {len(outcome.entered)} entered, {len(outcome.refused)} refused"
    )
    return total, len(outcome.refused)


def main() -> int:
    """Run it; 0 when the dossier is within the target and nothing was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", type=int, default=1000, help="Made-up works besides (1000).")
    works = parser.parse_args().works
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "SECRET_KEY": "only-for-a-benchmark-" * 3,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        from django.core.management import call_command

        from education.topics.files import load_topics

        call_command("migrate", verbosity=0)
        load_topics(ROOT / "education" / "content" / "topics.yaml")
        dossier = (ROOT / "education" / "content" / "evidence.json").read_bytes()
        taken, refused = measured("dossier", dossier)
        made_up = [
            {"id": f"w{n}", "type": "article-journal", "title": f"Work {n}", "DOI": f"10.1000/{n}"}
            for n in range(works)
        ]
        _, also = measured("made up", json.dumps(made_up).encode())
    say(f"Target for the dossier: under {TARGET_SECONDS:g} s.")
    return int(taken > TARGET_SECONDS or bool(refused or also))


if __name__ == "__main__":
    sys.exit(main())
