"""
How fast the pages of readers come, beside what somebody might have instead.

Everything runs on this machine, over loopback, one load after the other in rounds: 16 connections
by ``wrk``, two workers of four threads under gunicorn. Beside the article and the home page stand a
bare Django view (no middleware) that gives the same bytes, compressed as a browser takes them; a
Wagtail project with the same articles, without a cache and with Django's cache of whole answers;
and nginx, which gives the article from its cache and as a file. *Made anew* is the site with
nothing cached (``beside/cold.py``). Needs ``wrk`` and nginx (Debian) and the package registry.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks.demonstration import ENGINES, SQLITE, Sites, gunicorn, serving
from benchmarks.load import Asked, Load, fetched, in_turn
from benchmarks.nginx import cached_and_file
from benchmarks.report import Goal, Part, table
from benchmarks.wagtail_site import wagtail_with_articles_of

PAGES = {"Article": "/articles/is-stem-cell-therapy-feasible/", "Home": "/"}
# The home page of Wagtail is its list of articles, with the text of ours.
OF_WAGTAIL = {"Article": "/is-stem-cell-therapy-feasible/", "Home": "/"}
BARE, COLD, WAGTAIL = "bare view", "made anew", "Wagtail"
CACHED, NGINX, FILE = "Wagtail, per-site cache", "nginx's cache", "nginx, a file"
WARM_OF_BARE, NGINX_OF_FILE = 0.75, 0.9


def pages(made: Sites, *, quick: bool) -> Part:
    """All of it, side by side."""
    rounds, seconds = (2, 1) if quick else (5, 2)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = {each: stack.enter_context(serving(gunicorn(), made.on(each))) for each in ENGINES}
        site = ours[SQLITE].site
        beside = stack.enter_context(wagtail_with_articles_of(site))
        _keep_bodies(site, folder)
        bodies = {**os.environ, "BODIES": str(folder)}
        bare = serving(gunicorn("benchmarks.beside.bare"), bodies, "/Article")
        running = {BARE: stack.enter_context(bare), **ours}
        wagtail = gunicorn("served", python=beside.python)
        for engine in ENGINES:
            cold = serving(gunicorn("benchmarks.beside.cold"), made.on(engine), PAGES["Article"])
            running[f"{engine}, {COLD}"] = stack.enter_context(cold)
            other = serving(wagtail, beside.on[engine], OF_WAGTAIL["Article"], beside.folder)
            running[f"{WAGTAIL}, {engine}"] = stack.enter_context(other)
        env = {**beside.on[SQLITE], "PER_SITE_CACHE": "on"}
        cached = serving(wagtail, env, OF_WAGTAIL["Article"], beside.folder)
        running[CACHED] = stack.enter_context(cached)
        subjects = {}
        for page, path in PAGES.items():
            for name, server in running.items():
                is_wagtail = name.startswith(WAGTAIL)
                place = OF_WAGTAIL[page] if is_wagtail else f"/{page}" if name == BARE else path
                subjects[f"{page}, {name}"] = Asked(server.site + place, server.pid)
        data = Path(ours[SQLITE].env["DATA_DIR"])
        nginx, file = stack.enter_context(cached_and_file(site, data, folder))
        subjects[f"Article, {NGINX}"] = Asked(nginx + PAGES["Article"])
        subjects[f"Article, {FILE}"] = Asked(f"{file}/Article")
        loads = in_turn(subjects, rounds, seconds)
    rows = []
    for name, one in loads.items():
        bare_rate = loads[f"{name.partition(',')[0]}, {BARE}"].rate
        processor = f"{one.processor_ms:.1f} ms" if one.processor_ms else ""
        share, slow = f"{one.rate / bare_rate:.2f}", f"{one.slow_ms:.0f} ms"
        rows.append([name, f"{one.rate:,.0f}", share, slow, processor])
    text = (
        f"Medians of {rounds} rounds of {seconds} s. Wagtail's page has the text of ours as it "
        "stands, with a menu; without the cache it is not compressed, which spares it time.\n\n"
        + table(["", "a second", "of the bare view", "99 %", "processor, each"], rows)
    )
    return Part("Pages under load", text, _goals(loads), beside.versions)


def _keep_bodies(site: str, folder: Path) -> None:
    """Write what each page is made of where the bare view and nginx find it."""
    headers = {}
    for page, path in PAGES.items():
        body, said = fetched(site + path)
        headers[page] = {name: said[name] for name in ("Content-Type", "Content-Encoding")}
        (folder / page).write_bytes(body)
        (folder / f"{page}.gz").write_bytes(body)
    (folder / "headers.json").write_text(json.dumps(headers), "utf-8")


def _goals(loads: Mapping[str, Load]) -> list[Goal]:
    goals = [
        _at_least(
            "Article from nginx's cache, of the file", NGINX_OF_FILE,
            loads[f"Article, {NGINX}"].rate / loads[f"Article, {FILE}"].rate,
        )
    ]  # fmt: skip
    for engine in ENGINES:
        warm = loads[f"Article, {engine}"].rate
        bare, cached = loads[f"Article, {BARE}"].rate, loads[f"Article, {CACHED}"].rate
        goals += [
            _at_least(f"Warm article, {engine}, of a bare view", WARM_OF_BARE, warm / bare),
            _at_least(f"Warm article, {engine}, of Wagtail with its cache", 1, warm / cached),
        ]
        for page in PAGES:
            ours = loads[f"{page}, {engine}, {COLD}"].processor_ms
            theirs = loads[f"{page}, {WAGTAIL}, {engine}"].processor_ms
            name = f"{page}, {engine}, made anew: processor time"
            goals.append(Goal(name, f"Wagtail's {theirs:.1f} ms", f"{ours:.1f} ms", ours <= theirs))
    return goals


def _at_least(what: str, least: float, found: float) -> Goal:
    return Goal(what, f"at least {least}", f"{found:.2f}", found >= least)
