"""
How fast the pages of readers come, beside what somebody might have instead.

    python benchmarks/pages.py [--quick] [--write FILE]

Everything runs on this machine, over loopback, one load after the other in rounds: 16 connections
by ``wrk``, two workers of four threads under gunicorn. Beside each page stand a bare Django view
(no middleware) and nginx, which give the same bytes, compressed as a browser takes them; beside the
article, a Wagtail project with the same articles, without a cache and with Django's cache of whole
answers. Our cold page is one that the process keeps nothing of (``beside/cold.py``): it is made
anew with each request, or taken from the shared cache where another process left it. Needs ``wrk``,
nginx and redis-server (Debian), and the package registry.
"""

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import (  # noqa: E402
    ENGINES,
    SQLITE,
    Running,
    Sites,
    gunicorn,
    memory,
    serving,
    shared_cache,
)
from benchmarks.load import Asked, Load, fetched, if_changed, in_turn  # noqa: E402
from benchmarks.nginx import of_files  # noqa: E402
from benchmarks.report import Goal, Part, script, table  # noqa: E402
from benchmarks.wagtail_site import Wagtail, wagtail_with_articles_of  # noqa: E402

ARTICLE = "Article"
PAGES = {
    ARTICLE: "/articles/is-stem-cell-therapy-feasible/",
    "Home": "/",
    "Search": "/search/?q=rhizotomies",
    "Comparison grid": "/articles/stem-cells-or-fspr/",
    "Handout as PDF": "/handouts/is-stem-cell-therapy-feasible.pdf",
    "Infobutton": (
        "/connect/?mainSearchCriteria.v.c=G80.1&mainSearchCriteria.v.cs=2.16.840.1.113883.6.90"
        "&knowledgeResponseType=application/json"
    ),
}
BARE, FILE, WAGTAIL, CACHED = "bare view", "nginx, file", "Wagtail", "Wagtail, per-site cache"
COLD, LEFT = "cold, made anew", "cold, left by another process"
AFAR, UNCHANGED = "cold, left on another machine", "304"
OF_WAGTAIL = PAGES[ARTICLE].removeprefix("/articles")
# Where nothing is kept, so that queries can be counted.
COUNTED = {
    **{f"{engine}, {kind}": PAGES[ARTICLE] for engine in ENGINES for kind in (COLD, LEFT, AFAR)},
    **{f"{WAGTAIL}, {engine}": OF_WAGTAIL for engine in ENGINES},
}
ABOUT_WAGTAIL = (
    "The same article: kept; cold, which is made anew with each request, or taken from where "
    "another process left it, in files or in Redis; and in Wagtail. There it is a page whose text "
    "is our HTML as it stands, with a menu and the bar of its users; without the cache it is not "
    "compressed, which spares it time."
)
WARM_OF_BARE, UNCHANGED_OF_BARE, WARM_OF_WAGTAIL, COLD_OF_WAGTAIL = 0.85, 0.95, 20, 5


def pages(made: Sites, *, quick: bool) -> Part:
    """All of it, side by side."""
    # How connections fall to the workers decides a round: many short ones settle it.
    rounds, seconds = (2, 1) if quick else (9, 1)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(gunicorn(), made.on(SQLITE)) as site,
        wagtail_with_articles_of(site.site) as beside,
    ):
        weights = _keep_bodies(site.site, Path(folder))
        with ExitStack() as stack:
            servers = {
                name: stack.enter_context(server)
                for name, server in _servers(
                    made, Path(folder), beside, stack.enter_context(shared_cache(Path(folder)))
                ).items()
            }
            file = stack.enter_context(of_files(Path(folder)))
            loads = in_turn(_subjects(servers, file), rounds, seconds)
            queries = {name: _queries(servers[name].site + path) for name, path in COUNTED.items()}
            held = {name: memory(server.pid) for name, server in servers.items()}
    text = "\n\n".join(
        [
            f"Answers a second (medians of {rounds} rounds of {seconds} s), and of the bare view.",
            _pages_table(loads, weights),
            ABOUT_WAGTAIL,
            _article_table(loads, queries),
            "Megabytes that a worker holds after all that, what it shares with the other included:",
            table(
                ["", *held],
                [["MB a worker", *(f"{sum(each) / len(each):.0f}" for each in held.values())]],
            ),
        ]
    )
    return Part("Pages under load", text, _goals(loads, queries), beside.versions)


def _servers(
    made: Sites, folder: Path, beside: Wagtail, cache: str
) -> dict[str, AbstractContextManager[Running]]:
    """Everything that gives a page, by name."""
    bodies = {**os.environ, "BODIES": str(folder)}
    served = gunicorn("served", python=beside.python)
    return {
        BARE: serving(gunicorn("benchmarks.beside.bare"), bodies, f"/{_name(ARTICLE)}"),
        **{engine: serving(gunicorn(), made.on(engine)) for engine in ENGINES},
        **{
            f"{engine}, {kind}": serving(
                gunicorn("benchmarks.beside.cold"), {**made.on(engine), **place}, PAGES[ARTICLE]
            )
            for engine in ENGINES
            for kind, place in ((COLD, {"ALONE": "on"}), (LEFT, {}), (AFAR, {"CACHE_URL": cache}))
        },
        **{
            f"{WAGTAIL}, {engine}": serving(served, beside.on[engine], OF_WAGTAIL, beside.folder)
            for engine in ENGINES
        },
        CACHED: serving(
            served, {**beside.on[SQLITE], "PER_SITE_CACHE": "on"}, OF_WAGTAIL, beside.folder
        ),
    }  # fmt: skip


def _subjects(servers: Mapping[str, Running], file: str) -> dict[str, Asked]:
    """Everything that is asked for; a page's alternatives one after the other."""
    subjects: dict[str, Asked] = {}
    for page, path in PAGES.items():
        subjects[f"{page}, {BARE}"] = Asked(f"{servers[BARE].site}/{_name(page)}")
        subjects[f"{page}, {FILE}"] = Asked(f"{file}/{_name(page)}")
        for engine in ENGINES:
            subjects[f"{page}, {engine}"] = Asked(servers[engine].site + path)
        if page == ARTICLE:
            for engine in ENGINES:
                subjects[f"{engine}, {UNCHANGED}"] = if_changed(servers[engine].site + path)
    for name, path in COUNTED.items():
        subjects[name] = Asked(servers[name].site + path)
    subjects[CACHED] = Asked(servers[CACHED].site + OF_WAGTAIL)
    return subjects


def _name(page: str) -> str:
    return page.lower().replace(" ", "-")


def _keep_bodies(site: str, folder: Path) -> dict[str, int]:
    """Write what each page is made of where the bare view and nginx find it; the bytes of each."""
    headers, weights = {}, {}
    for page, path in PAGES.items():
        body, said = fetched(site + path)
        name = _name(page)
        headers[name] = {"Content-Type": said["Content-Type"]}
        (folder / name).write_bytes(body)
        if said["Content-Encoding"]:
            headers[name]["Content-Encoding"] = said["Content-Encoding"]
            (folder / f"{name}.gz").write_bytes(body)
        weights[page] = len(body)
    (folder / "headers.json").write_text(json.dumps(headers), "utf-8")
    return weights


def _queries(address: str) -> int:
    return int(fetched(address, **{"X-Count-Queries": "yes"})[1]["X-Queries"])


def _pages_table(loads: Mapping[str, Load], weights: Mapping[str, int]) -> str:
    rows = []
    for page in PAGES:
        bare = loads[f"{page}, {BARE}"].rate
        cells = []
        for engine in ENGINES:
            load = loads[f"{page}, {engine}"]
            cells += [f"{load.rate:,.0f}", f"{load.rate / bare:.2f}", f"{load.slow_ms:.0f} ms"]
        file = loads[f"{page}, {FILE}"].rate
        weight = f"{weights[page] / 1000:.1f}"
        rows.append([page, weight, f"{bare:,.0f}", *cells, f"{file:,.0f}", f"{file / bare:.2f}"])
    head = ["", "kB", BARE]
    for engine in ENGINES:
        head += [engine, "of bare", "99 %"]
    return table([*head, FILE, "of bare"], rows)


def _article_table(loads: Mapping[str, Load], queries: Mapping[str, int]) -> str:
    bare, wagtail = loads[f"{ARTICLE}, {BARE}"].rate, loads[f"{WAGTAIL}, {SQLITE}"].rate
    names = {f"{ARTICLE}, {BARE}": BARE}
    for engine in ENGINES:
        names[f"{ARTICLE}, {engine}"] = f"ours, {engine}"
        names[f"{engine}, {UNCHANGED}"] = f"ours, {engine}, not changed (304)"
        for kind in (COLD, LEFT, AFAR):
            names[f"{engine}, {kind}"] = f"ours, {engine}, {kind}"
        names[f"{WAGTAIL}, {engine}"] = f"{WAGTAIL}, {engine}, no cache"
    names[CACHED] = CACHED
    rows = []
    for key, name in names.items():
        load = loads[key]
        rows.append(
            [
                name, f"{load.rate:,.0f}", f"{load.rate / bare:.3f}", f"{load.rate / wagtail:.1f}",
                f"{load.median_ms:.1f} ms", f"{load.slow_ms:.1f} ms", str(queries.get(key, "")),
            ]
        )  # fmt: skip
    return table(
        ["", "a second", "of bare", "of Wagtail, SQLite", "median", "99 %", "queries"], rows
    )


def _goals(loads: Mapping[str, Load], queries: Mapping[str, int]) -> list[Goal]:
    bare = loads[f"{ARTICLE}, {BARE}"].rate
    goals = []
    for engine in ENGINES:
        wagtail = loads[f"{WAGTAIL}, {engine}"].rate
        warm = loads[f"{ARTICLE}, {engine}"].rate
        unchanged = loads[f"{engine}, {UNCHANGED}"].rate
        goals += [
            _at_least(f"Warm article, {engine}, of a bare view", WARM_OF_BARE, warm / bare),
            _at_least(f"Warm article, {engine}, of Wagtail", WARM_OF_WAGTAIL, warm / wagtail),
            Goal(
                f"Warm article, {engine}, of Wagtail with a per-site cache", "ahead",
                f"{warm / loads[CACHED].rate:.2f}", warm > loads[CACHED].rate,
            ),
            _at_least(f"A 304, {engine}, of a bare view", UNCHANGED_OF_BARE, unchanged / bare),
        ]  # fmt: skip
        for kind in (COLD, LEFT, AFAR):
            name = f"{engine}, {kind}"
            goals += [
                _at_least(
                    f"Article, {name}, of Wagtail", COLD_OF_WAGTAIL, loads[name].rate / wagtail
                ),
                Goal("Its queries", "at most 1", str(queries[name]), queries[name] <= 1),
            ]
    return goals


def _at_least(what: str, least: float, found: float) -> Goal:
    return Goal(what, f"at least {least}", f"{found:.2f}", found >= least)


if __name__ == "__main__":
    sys.exit(script(__doc__, pages))
