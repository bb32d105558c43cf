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
from threading import Barrier
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import ENGINES, Sites, manage  # noqa: E402
from benchmarks.report import Part, script, table  # noqa: E402

EDITORS = 8


class Step(NamedTuple):
    """What was done, whether in the time, seconds it took, and how often it was tried in vain."""

    name: str
    in_time: bool
    seconds: float
    in_vain: int


def work(number: int, env: dict[str, str], begin: Barrier, seconds: float) -> list[Step]:
    """One article, round and round, from when all are ready."""
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
    done: list[Step] = []
    begin.wait(timeout=120)
    until = time.time() + seconds

    def step(name: str, operation: Any, **given: Any) -> Any:
        begun, in_vain = time.time(), 0
        while True:
            try:
                result = operation(**given)
            except OperationalError:
                in_vain += 1
            else:
                now = time.time()
                done.append(Step(name, now <= until, now - begun, in_vain))
                return result

    article = step(
        "start", start_article, by=writer, slug=f"reviewed-{number}-{os.getppid()}",
        topic=model.article.topic, kind=Article.Kind.ARTICLE, risk_class=Article.RiskClass.C,
        review_every_months=12,
    )  # fmt: skip
    version = 0
    while time.time() < until:
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
    return done


def row(what: str, steps: list[Step], seconds: float) -> list[str]:
    """How many there were in the time, how long they took, how often one was tried in vain."""
    in_time = sum(step.in_time for step in steps)
    taken = [step.seconds for step in steps]
    slow = quantiles(taken, n=20, method="inclusive")[-1]
    return [
        what, f"{in_time:,}", f"{in_time / seconds:.1f}", f"{1000 * median(taken):.0f} ms",
        f"{1000 * slow:.0f} ms", f"{max(taken):.1f} s",
        str(sum(step.in_vain for step in steps)),
    ]  # fmt: skip


def reviewing(made: Sites, *, quick: bool) -> Part:
    """Both engines, one after the other."""
    seconds = 10 if quick else 30
    rows = []
    for engine in ENGINES:
        env = made.on(engine)
        spawn = get_context("spawn")
        with spawn.Manager() as manager, spawn.Pool(EDITORS) as pool:
            begin = manager.Barrier(EDITORS)
            working = [pool.apply_async(work, (n, env, begin, seconds)) for n in range(EDITORS)]
            done = [step for one in working for step in one.get(timeout=300)]
        rows.append(row(f"{engine}, all", done, seconds))
        for name in dict.fromkeys(step.name for step in done):
            of_name = [step for step in done if step.name == name]
            rows.append(row(f"{engine}, {name}", of_name, seconds))
        manage(env, "verify_audit")  # it fails when a step is missing from the record
    head = ["", "steps", "a second", "median", "95 %", "longest", "in vain"]
    text = f"{EDITORS} editors at once for {seconds} s, without a pause.\n\n{table(head, rows)}"
    return Part("Steps of review", text)


if __name__ == "__main__":
    sys.exit(script(__doc__, reviewing))
