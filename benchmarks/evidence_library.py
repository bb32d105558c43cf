"""
How the evidence library's pages slow down as it grows from 100 to 10,000 items, on SQLite.

``python benchmarks/evidence_library.py`` makes an empty database in a folder of its own, fills it
with made-up verified items, and asks for the same pages at either size: every filter, every order,
the first, second and last page. Exits 1 when the median page grows by half or more, or when a page
asks the database more at one size than at the other and not less.
"""

import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import Sites, alone, empty_site  # noqa: E402
from benchmarks.report import Goal, Part, script, table  # noqa: E402

TARGET = 1.5
SIZES = (100, 10_000)
ROUNDS = 7

QUERIES = (
    "",
    "page=2",
    "page=5",
    "page=10",
    "sort=people",
    "sort=author",
    "topic=stem-cell-therapy",
    "topic=rhizotomy&page=2",
    "design=randomised-trial",
    "design=cohort&sort=people",
    "year=2015",
    "year=2020&sort=author",
    "certainty=low",
    "certainty=high",
    "age=4-5&gmfcs=2",
    "age=4-5&only=1",
    "gmfcs=3&only=1",
    "age=2-3&gmfcs=1&only=1",
    "topic=stem-cell-therapy&design=randomised-trial&year=2015&certainty=low&age=4-5&only=1",
    "design=guideline&certainty=very_low",
)


def fill(upto: int) -> None:
    """Make items until there are that many; every one verified by two people, and graded."""
    from django.utils import timezone

    from education.evidence.models import Certainty, EvidenceItem, Finding, Verification
    from education.people.models import User
    from education.topics.models import Topic

    people = [User.objects.get_or_create(username=f"reader-{n}")[0] for n in range(2)]
    topics, designs = list(Topic.objects.all()), EvidenceItem.Design.values
    there = EvidenceItem.objects.count()
    items = EvidenceItem.objects.bulk_create(
        EvidenceItem(
            key=f"made{n}",
            title=f"A made-up study of something that matters to families, number {n}",
            authors=[{"family": "Tester", "given": "A"}],
            container_title="Journal of Tests",
            issued_year=None if n % 20 == 0 else 1995 + n * 7 % 30,
            topic=topics[n % len(topics)],
            design=designs[n * 3 % len(designs)],
            sample_size=None if n % 4 == 0 else 10 + n * 13 % 900,
            finding="Something was found. " * 8,
            age_from_months=None if n % 3 == 0 else 12 * (n % 9),
            age_to_months=None if n % 3 == 0 else 12 * (n % 9 + 1 + n % 8),
            gmfcs_levels=[] if n % 2 else sorted({1 + n % 5, 1 + n * 3 % 5}),
            details_hash=f"{n:064}",
        )
        for n in range(there, upto)
    )
    Verification.objects.bulk_create(
        Verification(
            item=item, by=by, as_medical_reviewer=by is people[0], level="abstract",
            details_hash=item.details_hash, at=timezone.now(),
        )
        for item in items
        for by in people
    )  # fmt: skip
    Finding.objects.bulk_create(
        Finding(
            item=item, position=1, outcome="movement", option="cells", measure="gmfm-66",
            contrast="between", certainty=Certainty.values[item.pk % 5], as_reported="Something.",
        )
        for item in items
    )  # fmt: skip


def measured(client: Any) -> tuple[dict[str, float], dict[str, int]]:
    """The least processor time of each page in milliseconds, and its number of queries."""
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    address = reverse("evidence-list")
    times: dict[str, float] = {}
    asked: dict[str, int] = {}
    for query in QUERIES:
        with CaptureQueriesContext(connection) as questions:
            assert client.get(f"{address}?{query}").status_code == 200
        asked[query] = len(questions)
        reset_queries()
        tries = []
        for _ in range(ROUNDS):
            begin = time.process_time()
            client.get(f"{address}?{query}")
            tries.append(1000 * (time.process_time() - begin))
        times[query] = min(tries)
    return times, asked


def measured_at(sizes: tuple[int, ...]) -> list[tuple[dict[str, float], dict[str, int]]]:
    """The same pages at each size, in a process that has nothing else to do."""
    results = []
    with empty_site():
        from django.test import Client

        for size in sizes:
            fill(size)
            Client().get("/evidence/")  # the first page compiles templates
            results.append(measured(Client()))
    return results


def library(made: Sites, *, quick: bool) -> Part:
    """How the median page grows, and whether one asks the database more when there is more."""
    sizes = (SIZES[0], 2_000) if quick else SIZES
    (small, asked_small), (large, asked_large) = alone(measured_at, sizes)
    before, after = median(small.values()), median(large.values())
    more = [query for query in QUERIES if asked_large[query] > asked_small[query]]
    rows = [
        [
            f"`?{query}`", f"{small[query]:.1f} ms", f"{large[query]:.1f} ms",
            f"{asked_small[query]} / {asked_large[query]}",
        ]
        for query in QUERIES
    ]  # fmt: skip
    rows.append(["median", f"{before:.1f} ms", f"{after:.1f} ms", ""])
    goals = [
        Goal(
            f"The library's median page, {sizes[0]:,} to {sizes[1]:,} works", f"under {TARGET}",
            f"{after / before:.2f}", after / before < TARGET,
        ),
        Goal("Library pages that ask more of a larger library", "0", str(len(more)), not more),
    ]  # fmt: skip
    head = ["", *(f"{size:,}" for size in sizes), "queries"]
    return Part("Filters of the evidence library", table(head, rows), goals)


if __name__ == "__main__":
    sys.exit(script(__doc__, library))
