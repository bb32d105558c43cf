"""
Two hundred readers and eight editors at once, for five minutes on either engine.

Everything on this machine: gunicorn with two workers of four threads, readers as threads of four
processes who read a page, wait up to two seconds, read another; editors as processes of their own
who save their drafts as often, through the operation that the desk uses. Says how many
answers and saves that was, how long they took and how memory went. Exits 1 when an answer was
an error, a saved word is missing, the data is not sound afterwards, or memory grew to the end.
"""

import os
import random
import subprocess
import threading
import time
from multiprocessing import get_context
from statistics import median, quantiles

from benchmarks.demonstration import ENGINES, Sites, gunicorn, manage, memory, serving
from benchmarks.load import fetched
from benchmarks.report import Goal, Part, table

READERS, EDITORS, PROCESSES, EACH = 200, 8, 4, 50
FLAT = 1.1  # memory at the end, of memory at half-time
LONGEST_PAUSE = 2.0
PAGES = (
    "/", "/topics/", "/compare/", "/claims/", "/evidence/", "/evidence/sun2017/", "/glossary/",
    "/articles/is-stem-cell-therapy-feasible/", "/articles/stem-cells-or-fspr/",
    "/articles/before-you-pay/", "/articles/before-you-pay/versions/", "/people/", "/check/",
    "/articles/what-stem-cell-studies-found/?age=4-5&gmfcs=2", "/outcomes/", "/corrections/",
    "/search/?q=rhizotomies", "/search/?q=cord+blood", "/handouts/before-you-pay/",
)  # fmt: skip


def read(
    site: str, first: int, readers: int, begin: threading.Barrier, seconds: float
) -> tuple[list[float], list[str]]:
    """Some readers as threads: seconds of each answer, and what went wrong."""
    begin.wait(timeout=120)
    until = time.time() + seconds
    times: list[float] = []
    wrong: list[str] = []

    def one(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - the same readers each time
        sender = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250}"}
        while time.time() < until:
            page = chance.choice(PAGES)
            begun = time.perf_counter()
            try:
                fetched(site + page, **sender)
            except OSError as error:
                wrong.append(f"{error} {page}")
            times.append(time.perf_counter() - begun)
            time.sleep(chance.random() * LONGEST_PAUSE)

    threads = [threading.Thread(target=one, args=(first + n,)) for n in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, wrong


def edit(
    number: int, env: dict[str, str], begin: threading.Barrier, seconds: float
) -> tuple[int, list[float], str]:
    """One editor who saves and saves: the draft, seconds of each save, the last words saved."""
    os.environ |= env
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    django.setup()
    from dataclasses import replace

    from education.articles.models import Article
    from education.articles.operations import draft_of, save_text, start_article, start_revision
    from education.people.models import User
    from education.publishing.models import Publication

    writer = User.objects.get(username="demo-writer")
    model = Publication.objects.current().get(slug="before-you-pay").revision
    article = start_article(
        by=writer, slug=f"busy-{number}-{os.getppid()}", topic=model.article.topic,
        kind=Article.Kind.ARTICLE, risk_class=Article.RiskClass.C, review_every_months=12,
    )  # fmt: skip
    draft = draft_of(model)
    revision = start_revision(article=article, draft=draft, by=writer)
    chance = random.Random(number)  # noqa: S311 - the same editors each time
    times, words, n = [], "", 0
    begin.wait(timeout=120)
    until = time.time() + seconds
    while time.time() < until:
        n += 1
        begun = time.perf_counter()
        words = f"Editor {number} wrote this as save {n}."
        changed, version = replace(draft, funding=words), revision.version
        revision = save_text(revision=revision, draft=changed, by=writer, expected_version=version)
        times.append(time.perf_counter() - begun)
        time.sleep(chance.random() * LONGEST_PAUSE)
    return revision.pk, times, words


def row(what: str, times: list[float], seconds: float) -> list[str]:
    """How many, how often, how long."""
    spread = (median(times), quantiles(times, n=20, method="inclusive")[-1], max(times))
    each = [f"{1000 * one:.0f} ms" for one in spread]
    return [what, f"{len(times):,}", f"{len(times) / seconds:.0f}", *each]


def kept(env: dict[str, str], edits: list[tuple[int, list[float], str]]) -> str:
    """What is missing of the editors' work or wrong with the data; empty when nothing is."""
    check = "from education.articles.models import Revision, SavedText\n" + "".join(
        f"found = Revision.objects.get(pk={pk}).funding\n"
        f"assert found == {words!r}, (found, {words!r})\n"
        f"saved = SavedText.objects.filter(revision={pk}).count()\n"
        f"assert saved > {len(times)}, (saved, {len(times)})\n"
        for pk, times, words in edits
    )
    try:
        manage(env, "shell", "--no-imports", "-c", check)
        manage(env, "check_integrity")
    except subprocess.CalledProcessError as error:
        return str(error.stderr or error.stdout)[-300:]
    return ""


def busy(made: Sites, *, quick: bool) -> Part:
    """Either engine, one after the other."""
    seconds = 30 if quick else 300
    rows, goals = [], []
    for engine in ENGINES:
        env = {**made.on(engine), "BEHIND_PROXY": "on"}
        spawn = get_context("spawn")
        with (
            serving(gunicorn(), env) as server,
            spawn.Manager() as manager,
            spawn.Pool(PROCESSES + EDITORS) as pool,
        ):
            begin = manager.Barrier(PROCESSES + EDITORS + 1)
            reading = [
                pool.apply_async(read, (server.site, n * EACH, EACH, begin, seconds))
                for n in range(PROCESSES)
            ]
            editing = [pool.apply_async(edit, (n, env, begin, seconds)) for n in range(EDITORS)]
            begin.wait(timeout=120)
            until, weights = time.time() + seconds, []
            while time.time() < until:
                time.sleep(min(seconds / 20, max(0.1, until - time.time())))
                weights.append(sum(memory(server.pid)))
            reads = [one.get(timeout=120) for one in reading]
            edits = [one.get(timeout=120) for one in editing]
        lost = kept(env, edits)
        wrong = [line for _, lines in reads for line in lines]
        rows += [
            row(f"{engine}, answers", [one for times, _ in reads for one in times], seconds),
            row(f"{engine}, saves", [one for _, times, _ in edits for one in times], seconds),
        ]
        grows = weights[-1] / weights[len(weights) // 2]
        people = f"{READERS} readers and {EDITORS} editors, {seconds} s, {engine}"
        goals += [
            Goal(f"{people}: errors", "0", "; ".join([f"{len(wrong)}", *wrong[:3]]), not wrong),
            Goal(f"{people}: lost edits", "none", lost or "none", not lost),
            Goal(f"{people}: memory, second half", "flat", f"× {grows:.2f}", grows <= FLAT),
        ]  # fmt: skip
    head = ["", "how many", "a second", "median", "95 %", "longest"]
    return Part("Many at once", table(head, rows), goals)
