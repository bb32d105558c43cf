"""
How many steps of the work eight editors get done at once, without a pause.

    python benchmarks/reviewing.py [--quick] [--write FILE]

Each is a process of its own with an article of its own, and takes it round and round: a new
version, submitted, commented on, approved, published; by the operations that the desk uses, which
take turns on the end of the record. A step that waited longer than the database lets it (SQLite:
20 s) is taken again, and told. On either engine; the record is verified afterwards.
"""

import os
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import ENGINES, Sites, manage  # noqa: E402
from benchmarks.report import Part, script, table  # noqa: E402

EDITORS = 8


def work(number: int, env: dict[str, str], seconds: float) -> tuple[dict[str, list[float]], int]:
    """One article, round and round: the seconds of each step by its name; steps taken again."""
    os.environ.update(env)
    import django

    django.setup()
    from dataclasses import replace

    from django.db import OperationalError

    from education.articles.models import Article
    from education.articles.operations import (
        content_hash,
        draft_of,
        start_article,
        start_revision,
    )
    from education.people.models import User
    from education.publishing.models import Publication
    from education.publishing.operations import publish
    from education.review.comments import add_comment
    from education.review.models import Review
    from education.review.operations import decide, submit_for_review

    def person(name: str) -> User:
        return User.objects.get(username=f"demo-{name}")

    writer, reviewer, chief = person("writer"), person("neurology"), person("editor-in-chief")
    model = Publication.objects.current().get(slug="before-you-pay").revision
    draft = draft_of(model)
    article = start_article(
        by=writer, slug=f"reviewed-{number}", topic=model.article.topic, kind=Article.Kind.ARTICLE,
        risk_class=Article.RiskClass.C, review_every_months=12,
    )  # fmt: skip
    times: dict[str, list[float]] = {}
    again = 0

    def step(name: str, operation: Any, **given: Any) -> Any:
        nonlocal again
        begin = time.perf_counter()
        while True:
            try:
                done = operation(**given)
            except OperationalError:
                again += 1
            else:
                times.setdefault(name, []).append(time.perf_counter() - begin)
                return done

    until = time.monotonic() + seconds
    version = 0
    while time.monotonic() < until:
        version += 1
        text = replace(draft, what_changed="" if version == 1 else f"Version {version}.")
        revision = step("start", start_revision, article=article, draft=text, by=writer)
        step("submit", submit_for_review, revision=revision, by=writer)
        step("comment", add_comment, revision=revision, by=reviewer, text="Well said.")
        step(
            "decide", decide, revision=revision, by=reviewer, reviewed_as=Review.As.MEDICAL,
            decision=Review.Decision.APPROVED, content_hash_seen=content_hash(revision),
            interests_confirmed=True,
        )  # fmt: skip
        step("publish", publish, revision=revision, by=chief)
    return times, again


def reviewing(made: Sites, *, quick: bool) -> Part:
    """Both engines, one after the other."""
    seconds = 10 if quick else 30
    rows = []
    for engine in ENGINES:
        env = made.on(engine)
        with get_context("spawn").Pool(EDITORS) as pool:
            running = [pool.apply_async(work, (n, env, seconds)) for n in range(EDITORS)]
            found = [one.get(timeout=300) for one in running]
        steps: dict[str, list[float]] = {}
        for times, _ in found:
            for name, taken in times.items():
                steps.setdefault(name, []).extend(taken)
        again = sum(retries for _, retries in found)
        everything = [one for taken in steps.values() for one in taken]
        rows += [
            [
                f"{engine}, {name}", f"{len(taken):,}", f"{len(taken) / seconds:.1f}",
                f"{1000 * median(taken):.0f} ms", f"{1000 * quantiles(taken, n=20)[-1]:.0f} ms",
                f"{max(taken):.1f} s",
                str(again) if name == "all" else "",
            ]
            for name, taken in [("all", everything), *steps.items()]
        ]  # fmt: skip
        manage(env, "verify_audit")  # it fails when a step is missing from the record
    head = ["", "steps", "a second", "median", "95 %", "longest", "taken again"]
    text = f"{EDITORS} editors at once for {seconds} s, without a pause.\n\n{table(head, rows)}"
    return Part("Steps of review", text)


if __name__ == "__main__":
    sys.exit(script(__doc__, reviewing))
