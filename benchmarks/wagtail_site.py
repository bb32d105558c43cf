"""The same articles in a Wagtail project, made in a folder of its own from the package registry."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions, version
from pathlib import Path
from typing import NamedTuple

from benchmarks.demonstration import POSTGRESQL, ROOT, SQLITE, database
from benchmarks.load import fetched

PROJECT = ROOT / "benchmarks" / "beside" / "wagtail"
WAGTAIL = "wagtail~=8.0"


class Wagtail(NamedTuple):
    """
    Its folder, which is where it runs, its Python, its environment on each engine, and what it is
    made of.
    """

    folder: Path
    python: str
    on: dict[str, dict[str, str]]
    versions: list[str]


@contextmanager
def wagtail_with_articles_of(site: str) -> Iterator[Wagtail]:
    """A Wagtail project that has the text of every article of a running site of ours."""
    with tempfile.TemporaryDirectory() as name, database(POSTGRESQL, Path(name)) as url:
        folder = Path(name) / "site"
        shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "articles.json").write_text(json.dumps(articles(site)), "utf-8")
        python = str(Path(name) / "env" / "bin" / "python")
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": f"{folder}:{ROOT}"}
        on = {SQLITE: env, POSTGRESQL: env | {"POSTGRESQL": url.partition("host=")[2]}}
        ours = ("Django", "gunicorn", "psycopg", "psycopg-binary")
        same = [f"{package}=={version(package)}" for package in ours]
        _run([sys.executable, "-m", "venv", f"{name}/env"], folder, env)
        _run([python, "-m", "pip", "install", "--quiet", WAGTAIL, *same], folder, env)
        _run([python, "-m", "django", "makemigrations", "texts"], folder, env)
        for of_engine in on.values():
            _run([python, "-m", "django", "migrate"], folder, of_engine)
            _run([python, "fill.py"], folder, of_engine)
        packages = (Path(name) / "env" / "lib").glob("python*/site-packages")
        made_of = {one.name: one.version for one in distributions(path=[*map(str, packages)])}
        yield Wagtail(
            folder, python, on, [f"Wagtail {made_of['wagtail']} on Django {made_of['Django']}"]
        )


def _run(command: list[str], folder: Path, env: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[1:4])}: {done.stderr[-600:]}")


def articles(site: str) -> list[dict[str, str]]:
    """What stands in the main part of the home page and of each article's."""
    found = [{"title": "Home", "slug": "", "body": _main(f"{site}/")}]
    listed = json.loads(fetched(f"{site}/api/v1/articles/", **{"Accept-Encoding": "identity"})[0])
    for one in listed["results"]:
        body = _main(f"{site}/articles/{one['slug']}/")
        found.append({"title": one["title"], "slug": one["slug"], "body": body})
    return found


def _main(address: str) -> str:
    page = fetched(address, **{"Accept-Encoding": "identity"})[0].decode()
    main = re.search(r"<main[^>]*>(.*)</main>", page, re.DOTALL)
    assert main, address
    return main[1]
