"""
How fast a handout is typeset, and how much memory that takes.

A real text, no database: what a web process does after it has read a publication, in a process of
its own.
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from typing import Any

from benchmarks.demonstration import ROOT, Sites, alone
from benchmarks.report import Goal, Part, table

TODAY = date(2026, 4, 9)
TEXT = "is-stem-cell-therapy-feasible"
MOST_MS, MOST_MB = 100, 250


def printer() -> Callable[[], bytes]:
    """A full print of the text, each time with a code of its own, as clinics' prints have."""
    from education.articles.files import read_article
    from education.evidence.references import reference_text
    from education.handouts import typesetting
    from education.handouts.codes import new_code
    from education.text.rendering import Source, render

    content = ROOT / "education" / "content"
    records = json.loads((content / "evidence.json").read_text(encoding="utf-8"))
    sources = {one["id"]: Source(key=one["id"], text=reference_text(one)) for one in records}
    tree: Any = render(read_article(content / "articles" / f"{TEXT}.md").draft, sources).tree

    def made() -> bytes:
        code = new_code()
        copy = typesetting.CopyDetails(
            code=code, check_url=f"https://portal.example/check/{code}/", title=str(tree["title"]),
            version="1", reviewed_on=TODAY, do_not_use_after=TODAY + timedelta(days=365),
            printed_on=TODAY, site_name="Stem cells or rhizotomy?",
            clinic=typesetting.ClinicHeader("Hillside Clinic", telephone="01234 567 890"),
        )  # fmt: skip
        options = typesetting.PrintOptions(length="full")
        return typesetting.typeset([tree], copy=copy, options=options)

    return made


def printed(count: int) -> tuple[float, float, float]:
    """Medians of so many prints, in milliseconds by the clock and of the processor; megabytes."""
    os.environ.setdefault("DATA_DIR", tempfile.gettempdir())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("SECRET_KEY", "only-for-benchmarks-" * 4)
    import django

    django.setup()
    made, clock, processor = printer(), [], []
    made()  # it reads the fonts and the template
    for _ in range(count):
        begun = time.perf_counter(), time.process_time()
        made()
        clock.append(1000 * (time.perf_counter() - begun[0]))
        processor.append(1000 * (time.process_time() - begun[1]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (1_000_000 if sys.platform == "darwin" else 1_000)
    return median(clock), median(processor), megabytes


def handouts(made: Sites, *, quick: bool) -> Part:
    """Time and memory."""
    prints = 60 if quick else 300
    clock, processor, peak = alone(printed, prints)
    times = [f"{clock:.0f} ms", f"{processor:.0f} ms", f"{peak:.0f} MB"]
    text = table([f"median of {prints} prints", "of the processor", "memory, at most"], [times])
    goals = [
        Goal("A handout in full, warm, median", f"under {MOST_MS} ms", times[0], clock < MOST_MS),
        Goal("Memory of a worker after it", f"under {MOST_MB} MB", times[2], peak < MOST_MB),
    ]
    return Part("Handouts", text, goals)
