"""
How fast handouts are typeset, and how much memory that takes.

    python benchmarks/handouts.py [--quick] [--write FILE]

Real texts, no database: what a web process does after it has read a publication. Each figure is
taken in a process of its own, so that none profits from another's caches.
"""

import json
import multiprocessing
import os
import re
import resource
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import Sites, alone  # noqa: E402
from benchmarks.report import Goal, Part, script, table  # noqa: E402

TODAY = date(2026, 4, 9)

# What issue 7 asks for: name, limit, and whether less is better.
GOALS = {
    "five_pages_ms": ("A 5-page handout, warm, median", "ms", 100, True),
    "five_pages_cpu_ms": ("of processor time", "ms", None, True),
    "pages_of_it": ("its pages", "", None, True),
    "a_second": ("Sustained by two workers", "a second", 20, False),
    "pack_s": ("A pack of 10 articles, warm, median", "s", 1, True),
    "pack_cpu_s": ("of processor time", "s", None, True),
    "pack_pages": ("its pages", "", None, True),
    "first_ms": ("The first print of a process", "ms", None, True),
    "peak_mb": ("Peak memory of a worker after the prints", "MB", 250, True),
}


def prepare() -> None:
    """Make Django's code usable; nothing reads a database."""
    os.environ.setdefault("DATA_DIR", tempfile.gettempdir())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("SECRET_KEY", "only-for-benchmarks-" * 4)
    import django

    django.setup()


def texts() -> dict[str, Any]:
    """Every article that ships, as the tree a publication holds."""
    from education.articles.files import read_article
    from education.evidence.references import reference_text
    from education.text.rendering import Source, render

    content = ROOT / "education" / "content"
    records = json.loads((content / "evidence.json").read_text(encoding="utf-8"))
    sources = {one["id"]: Source(key=one["id"], text=reference_text(one)) for one in records}
    return {
        path.stem: render(read_article(path).draft, sources).tree
        for path in sorted(content.glob("articles/*.md"))
    }


def printer(trees: list[Any], **options: Any) -> Callable[[], bytes]:
    """A print of these texts: each with a code of its own, as clinics' prints have."""
    from education.handouts.codes import new_code
    from education.handouts.typesetting import (
        ClinicHeader,
        CopyDetails,
        Part,
        PrintOptions,
        typeset,
    )

    pack = len(trees) > 1
    parts = [Part(tree, version="1", reviewed_on=TODAY) if pack else Part(tree) for tree in trees]

    def made() -> bytes:
        code = new_code()
        copy = CopyDetails(
            code=code,
            check_url=f"https://portal.example/check/{code}/",
            title="A pack" if pack else str(trees[0]["title"]),
            version="" if pack else "1",
            reviewed_on=TODAY,
            do_not_use_after=TODAY + timedelta(days=365),
            printed_on=TODAY,
            site_name="Stem cells or rhizotomy?",
            clinic=ClinicHeader("Hillside ClinicHeader", telephone="01234 567 890"),
            note="Welcome." if pack else "",
        )
        return typeset(parts, copy=copy, options=PrintOptions(**options))

    return made


def pages(pdf: bytes) -> int:
    """How many pages a PDF has: the largest count in its page tree."""
    counts = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            objects = zlib.decompressobj().decompress(packed)
        except zlib.error:
            continue
        counts += re.findall(rb"/Type ?/Pages\b[^>]*?/Count (\d+)", objects)
    counts += re.findall(rb"/Type ?/Pages\b[^>]*?/Count (\d+)", pdf)
    return max(map(int, counts), default=0)


def of_five_pages() -> Callable[[], bytes]:
    """The shipped text that fills five pages, or comes nearest."""
    choices = [
        printer([tree], length=length, references=references)
        for tree in texts().values()
        for length, references in (("full", "numbers"), ("full", "code"), ("short", "full"))
    ]
    return min(choices, key=lambda made: abs(pages(made()) - 5))


def seconds_of(made: Callable[[], bytes], count: int) -> tuple[float, float]:
    """The median of so many prints: seconds by the clock, and of the processor."""
    clock, processor_time = [], []
    for _ in range(count):
        begun = time.perf_counter(), time.process_time()
        made()
        clock.append(time.perf_counter() - begun[0])
        processor_time.append(time.process_time() - begun[1])
    return statistics.median(clock), statistics.median(processor_time)


def one_handout() -> dict[str, float]:
    """The five pages, over and over."""
    prepare()
    made = of_five_pages()
    clock, processor_time = seconds_of(made, 60)
    return {
        "five_pages_ms": 1_000 * clock,
        "five_pages_cpu_ms": 1_000 * processor_time,
        "pages_of_it": pages(made()),
    }


def first_print() -> dict[str, float]:
    """The first print of a process, which reads the fonts and the template."""
    prepare()
    tree = texts()["is-stem-cell-therapy-feasible"]
    return {"first_ms": 1_000 * seconds_of(printer([tree], length="short"), 1)[0]}


def one_pack() -> dict[str, float]:
    """Ten articles in one PDF."""
    prepare()
    made = printer(list(texts().values())[:10])
    made()
    clock, processor_time = seconds_of(made, 7)
    return {"pack_s": clock, "pack_cpu_s": processor_time, "pack_pages": pages(made())}


def worker(seconds: float, begin: Any, results: Any) -> None:
    """Print the five pages for so many seconds; how many came out."""
    prepare()
    made = of_five_pages()
    begin.wait()
    end = time.perf_counter() + seconds
    count = 0
    while time.perf_counter() < end:
        made()
        count += 1
    results.put(count)


def two_workers(seconds: float) -> dict[str, float]:
    """Both at once, counted over the same seconds."""
    context = multiprocessing.get_context("spawn")
    begin, results = context.Barrier(2), context.Queue()
    running = [context.Process(target=worker, args=(seconds, begin, results)) for _ in range(2)]
    for process in running:
        process.start()
    total = sum(results.get(timeout=600) for _ in running)
    for process in running:
        process.join()
    return {"a_second": total / seconds}


def memory(prints: int) -> dict[str, float]:
    """Every text in turn, in every size: what a worker holds at its highest."""
    prepare()
    kinds = [
        printer([tree], size=size, paper=paper)
        for tree in texts().values()
        for size, paper in (("clear", "a4"), ("large", "letter"), ("giant", "a4"))
    ]
    for made, _ in zip(cycle(kinds), range(prints), strict=False):
        made()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"peak_mb": peak / (1_000_000 if sys.platform == "darwin" else 1_000)}


def handouts(made: Sites, *, quick: bool) -> Part:
    """Every figure, and which of them meet what was asked for."""
    seconds, prints = (5, 60) if quick else (20, 500)
    found = {
        **alone(first_print),
        **alone(one_handout),
        **alone(one_pack),
        **two_workers(seconds),
        **alone(memory, prints),
    }
    rows, goals = [], []
    for name, (label, unit, limit, less) in GOALS.items():
        value = found[name]
        shown = f"{value:.2f}" if value < 10 and unit else f"{value:,.0f}"
        rows.append([label, f"{shown} {unit}"])
        if limit is not None:
            asked = f"{'under' if less else 'at least'} {limit} {unit}"
            met = value < limit if less else value >= limit
            goals.append(Goal(label, asked, f"{shown} {unit}", met))
    text = f"Two workers for {seconds} s; memory after {prints} prints.\n\n{table(['', ''], rows)}"
    return Part("Handouts", text, goals)


if __name__ == "__main__":
    sys.exit(script(__doc__, handouts))
