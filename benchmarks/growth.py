"""
How readers' pages slow down as the site grows: 100, 1,000 and 10,000 articles, each with evidence.

Copies of the demonstration's articles with other words, past the review that real ones need. Pages
are asked of Django itself, not of the cache; search is asked the queries of
``tests/public/queries.txt``.
"""

import os
import random
import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

from benchmarks.demonstration import ENGINES, ROOT, Sites, alone, prepared
from benchmarks.report import Goal, Part, table

ROUNDS = 5
ARTICLE_GROWS, LISTS_GROW, SLOWEST = 1.1, 1.3, 50.0
# Words that no text of ours holds, so that articles differ as articles do.
SYLLABLES = ("ba", "ko", "mi", "tu", "ra", "sel", "vin", "dor", "pel", "gus")

PAGES = {
    "Article": "/articles/copy-7/",
    "Home": "/",
    "Topics": "/topics/",
    "A topic": "/topics/stem-cell-therapy/",
    "Evidence library": "/evidence/",
    "An evidence item": "/evidence/sun2017/",
    "Claim checks": "/claims/",
    "Handouts": "/handouts/",
    "Corrections": "/corrections/",
    "A feed": "/feeds/new.xml",
    "Page not found": "/articles/copi-7/",
}


def fill(upto: int) -> None:
    """
    Copy what is published, with other titles, until there are that many copies.

    Each copy cites ten made-up works of its own, verified by two people.
    """
    from education.people.models import User
    from education.publishing.models import Publication
    from education.search import engine
    from education.search.models import SearchEntry, SearchWord

    chance = random.Random(7)  # noqa: S311 - the same words each time
    articles = Publication.objects.current().filter(kind="article")
    models = list(articles.exclude(slug__startswith="copy-"))
    texts = {entry.subject_id: entry for entry in SearchEntry.objects.filter(kind="page")}
    vocabulary = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(3000)]
    verifiers = list(User.objects.order_by("pk")[:2])
    there = Publication.objects.filter(slug__startswith="copy-").count()
    for begin in range(there, upto, 500):
        copies, entries = [], []
        for number in range(begin, min(begin + 500, upto)):
            model = models[number % len(models)]
            own = " ".join(chance.choices(vocabulary, k=3))
            fields = Publication._meta.concrete_fields
            values = {each.attname: getattr(model, each.attname) for each in fields}
            values |= {"id": None, "slug": f"copy-{number}", "number": 1}
            copy = Publication(**values | {"title": f"{model.title} {own}"})
            copies.append((copy, texts[model.pk], own))
        made = Publication.objects.bulk_create([copy for copy, _, _ in copies])
        for publication, (_, text, own) in zip(made, copies, strict=True):
            more = " ".join(chance.choices(vocabulary, k=200))
            entries.append(
                SearchEntry(
                    subject="publication", subject_id=publication.pk, kind="page",
                    title=publication.title, lead=text.lead, text=f"{text.text} {more}",
                    sections=text.sections, title_terms=f"{text.title_terms}{own} ",
                    lead_terms=text.lead_terms, terms=f"{text.terms}\n\t {own} {more} ",
                )
            )  # fmt: skip
        entries += cited(made, verifiers, lambda: " ".join(chance.choices(vocabulary, k=9)))
        engine.write(SearchEntry.objects.bulk_create(entries))
    found = [SearchWord(word=word, stem=word) for word in sorted(set(vocabulary))]
    SearchWord.objects.bulk_create(found, ignore_conflicts=True)


def cited(copies: list[Any], verifiers: list[Any], words: Callable[[], str]) -> list[Any]:
    """Ten works for each copy, that it cites; returns what search may find of them, unsaved."""
    from django.utils import timezone

    from education.evidence.models import EvidenceItem, Verification
    from education.publishing.models import PublishedCitation
    from education.search.models import SearchEntry

    items = EvidenceItem.objects.bulk_create(
        EvidenceItem(
            key=f"{copy.slug}-work-{number}", title=f"A trial of {words()}", topic_id=copy.topic_id,
            authors=[{"family": "Tester", "given": "A"}], container_title="Journal of Tests",
            issued_year=1990 + (copy.pk + number) % 35, sample_size=(copy.pk * number) % 400,
            finding=words(), design=EvidenceItem.Design.COHORT, details_hash="0" * 64,
        )
        for copy in copies
        for number in range(10)
    )  # fmt: skip
    Verification.objects.bulk_create(
        Verification(
            item=item, by=by, as_medical_reviewer=True, level="abstract", at=timezone.now(),
            details_hash=item.details_hash,
        )
        for item in items
        for by in verifiers
    )  # fmt: skip
    PublishedCitation.objects.bulk_create(
        PublishedCitation(publication=copies[place // 10], item=item)
        for place, item in enumerate(items)
    )
    return [
        SearchEntry(
            subject="evidenceitem", subject_id=item.pk, kind="study", title=item.title,
            text=item.finding, title_terms=f" trial {item.title.partition(' of ')[2]} ",
            terms=f" trial {item.title.partition(' of ')[2]} {item.finding} ",
        )
        for item in items
    ]  # fmt: skip


def least(ask: Callable[[], object]) -> float:
    """Milliseconds of processor time, the least of some tries."""
    tries = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        ask()
        tries.append(1000 * (time.process_time() - begin))
    return min(tries)


def measured(client: Any) -> tuple[dict[str, float], dict[str, int]]:
    """Each page's milliseconds and its number of queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times, asked = {}, {}
    for name, address in PAGES.items():
        with CaptureQueriesContext(connection) as questions:
            status = client.get(address).status_code
        assert status == (404 if name == "Page not found" else 200), (address, status)
        asked[name] = len(questions)
        times[name] = least(lambda address=address: client.get(address).getvalue())  # type: ignore[misc]
    return times, asked


def search(client: Any) -> list[float]:
    """Milliseconds by the clock of the whole answer to each query, the middle of three tries."""
    lines = (ROOT / "tests" / "public" / "queries.txt").read_text("utf-8").splitlines()
    queries = [
        line.partition("|")[0].strip() for line in lines if line and not line.startswith("#")
    ]
    times = []
    for query in queries:
        tries = []
        for _ in range(3):
            begin = time.perf_counter()
            client.get("/search/", {"q": query}).getvalue()
            tries.append(1000 * (time.perf_counter() - begin))
        times.append(median(tries))
    return times


def grown(env: dict[str, str], sizes: list[int]) -> tuple[list[list[str]], list[str]]:
    """Fill a site and measure at each size: rows of a table, and the goals that were missed."""
    os.environ |= env
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    settings.REQUESTS_A_MINUTE = 1_000_000  # one household asks all of this
    settings.ALLOWED_HOSTS = ["testserver"]
    pages, searches, asked = [], [], []
    for size in sizes:
        fill(size)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        client = Client()
        client.get("/")
        times, questions = measured(client)
        pages.append(times)
        asked.append(questions)
        searches.append(search(client))
    rows, missed = [], []
    for name in PAGES:
        grows = pages[-1][name] / pages[0][name]
        counts = " / ".join(str(questions[name]) for questions in asked)
        rows.append([name, *(f"{times[name]:.1f} ms" for times in pages), f"{grows:.2f}", counts])
        if grows > (ARTICLE_GROWS if name == "Article" else LISTS_GROW):
            missed.append(f"{name} grows {grows:.2f} times")
    slowest = [quantiles(times, n=20)[-1] for times in searches]
    rows.append(["Search, median", *(f"{median(times):.1f} ms" for times in searches), "", ""])
    rows.append(["Search, 95 %", *(f"{each:.1f} ms" for each in slowest), "", ""])
    if slowest[-1] > SLOWEST:
        missed.append(f"the 95th percentile of search is {slowest[-1]:.0f} ms")
    return rows, missed


def growth(made: Sites, *, quick: bool) -> Part:
    """On sites of their own, since they are filled."""
    sizes = [100, 1_000] if quick else [100, 1_000, 10_000]
    tables, goals = [], []
    for engine in ENGINES:
        with prepared(engine) as env:
            rows, missed = alone(grown, env, sizes)
        head = [engine, *(f"{size:,}" for size in sizes), "grows", "queries"]
        tables.append(table(head, rows))
        asked = "article × 1.1, lists × 1.3, 95 % of searches in 50 ms"
        found = "; ".join(missed) or "every one"
        goals.append(Goal(f"100 to {sizes[-1]:,} articles, {engine}", asked, found, not missed))
    return Part("As the site grows", "\n\n".join(tables), goals)
