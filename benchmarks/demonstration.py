"""A demonstration site of its own, for measurements and pictures."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "only-for-pictures"  # noqa: S105 - of a demonstration that is thrown away


class Running(NamedTuple):
    """A site that serves: its address, what its commands need around them, its first process."""

    site: str
    env: dict[str, str]
    pid: int


@contextmanager
def running(workers: int = 1, database: str = "", **settings: str) -> Iterator[Running]:
    """A demonstration site on a port of its own, on SQLite unless another database is named."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        site = f"http://127.0.0.1:{port}"
        env = {
            **os.environ, "DATA_DIR": folder, "DEMO": "on", "DEMO_PASSWORD": PASSWORD,
            "SITE_URL": site, "DATABASE_URL": database or f"sqlite:///{folder}/db.sqlite3",
            **settings,
        }  # fmt: skip
        manage = [sys.executable, str(ROOT / "manage.py")]
        subprocess.run([*manage, "prepare_site"], env=env, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", "--threads=4",
             f"--workers={workers}", "--no-control-socket", "portal.wsgi"],
            env=env, cwd=ROOT, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            until = time.monotonic() + 60
            while not _serves(site) and time.monotonic() < until:
                time.sleep(0.1)
            yield Running(site, env, server.pid)
        finally:
            server.terminate()
            server.wait()


@contextmanager
def demonstration(workers: int = 1) -> Iterator[str]:
    """A demonstration site on SQLite; its address."""
    with running(workers) as site:
        yield site.site


def _serves(site: str) -> bool:
    try:
        return bool(urllib.request.urlopen(f"{site}/health/live", timeout=5).read())
    except (urllib.error.URLError, ConnectionError):
        return False
