"""
Which web server: gunicorn with threads or granian, with the same workers and threads.

    python benchmarks/servers.py [--quick] [--write FILE]

Both serve one demonstration on SQLite, in turn under the same load; then each is asked to do what a
server must do on a bad day. granian is installed into a folder that goes again. What was decided
stands in docs/decisions/web-server.md.
"""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import (  # noqa: E402
    SQLITE,
    Running,
    Sites,
    gunicorn,
    memory,
    serving,
)
from benchmarks.load import Asked, if_changed, in_turn  # noqa: E402
from benchmarks.pages import ARTICLE, PAGES  # noqa: E402
from benchmarks.report import Part, script, table  # noqa: E402

GUNICORN, GRANIAN = "gunicorn", "granian"
COLD = "benchmarks.beside.cold"
PROBED = "benchmarks.beside.probed"
HALF_OPEN = 40
PATIENCE = 10  # seconds


def granian(application: str = "portal.wsgi") -> list[str]:
    """The same workers and threads; a worker that died comes again, as gunicorn's does."""
    return [
        sys.executable, "-m", "granian", "--interface=wsgi", "--workers=2", "--blocking-threads=4",
        "--respawn-failed-workers", "--log-level=error", "--host={host}", "--port={port}",
        f"{application}:application",
    ]  # fmt: skip


COMMANDS: dict[str, Callable[..., list[str]]] = {GUNICORN: gunicorn, GRANIAN: granian}


@contextmanager
def granian_installed() -> Iterator[tuple[str, str]]:
    """The folder that has granian, and its version."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--target", folder, GRANIAN],
            check=True, capture_output=True,
        )  # fmt: skip
        found = {one.name: one.version for one in distributions(path=[folder])}
        yield folder, found[GRANIAN]


def servers(made: Sites, *, quick: bool) -> Part:
    """Loads in turn, then the bad days."""
    rounds, seconds = (2, 1) if quick else (3, 2)
    with granian_installed() as (folder, version):
        env = {**made.on(SQLITE), "PYTHONPATH": folder}
        rows = _under_load(env, rounds, seconds)
        answers = [
            [what, *(_on_its_own(command, env, probe) for command in COMMANDS.values())]
            for what, probe in PROBES.items()
        ]
    text = "\n\n".join(
        [
            f"Answers a second on SQLite, and the slowest in 100: {rounds} rounds of {seconds} s.",
            table(["", GUNICORN, "99 %", GRANIAN, "99 %", f"{GRANIAN} of {GUNICORN}"], rows),
            "On a bad day:",
            table(["", *COMMANDS], answers),
        ]
    )
    return Part("Web server", text, (), [f"granian {version}"])


def _under_load(env: dict[str, str], rounds: int, seconds: int) -> list[list[str]]:
    """A row for each page, and one for memory."""
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(serving(command(), env)) for name, command in COMMANDS.items()
        }
        subjects: dict[tuple[str, str], Asked] = {}
        for name, command in COMMANDS.items():
            site = running[name].site
            cold = stack.enter_context(
                serving(command(COLD), {**env, "ALONE": "on"}, PAGES[ARTICLE])
            )
            for page, path in PAGES.items():
                subjects[page, name] = Asked(site + path)
            subjects["Article, 304", name] = if_changed(site + PAGES[ARTICLE])
            subjects["Article, cold", name] = Asked(cold.site + PAGES[ARTICLE])
        asked = list(dict.fromkeys(page for page, _ in subjects))
        side_by_side = {(page, name): subjects[page, name] for page in asked for name in COMMANDS}
        loads = in_turn(side_by_side, rounds, seconds)
        held = [memory(server.pid) for server in running.values()]
    rows = []
    for page in asked:
        mine, other = loads[page, GUNICORN], loads[page, GRANIAN]
        rows.append(
            [
                page, f"{mine.rate:,.0f}", f"{mine.slow_ms:.0f} ms", f"{other.rate:,.0f}",
                f"{other.slow_ms:.0f} ms", f"{other.rate / mine.rate:.2f}",
            ]
        )  # fmt: skip
    mine_mb, other_mb = (f"{sum(each) / len(each):.0f} MB" for each in held)
    return [*rows, ["Memory of a worker", mine_mb, "", other_mb, "", ""]]


# The bad days ----------------------------------------------------------------------------------


def _on_its_own(
    command: Callable[[str], list[str]], env: dict[str, str], probe: Callable[[Running], str]
) -> str:
    """What a probe finds on a server that nothing happened to yet."""
    with serving(command(PROBED), env, "/0") as server:
        return probe(server)


def head(server: Running) -> str:
    """HEAD tells the length and sends nothing, and the connection goes on."""
    asked = http.client.HTTPConnection(urlsplit(server.site).netloc, timeout=10)
    try:
        asked.request("HEAD", "/0")
        answer = asked.getresponse()
        length, body = answer.headers["Content-Length"], answer.read()
        asked.request("GET", "/0")
        after = asked.getresponse().read()
    finally:
        asked.close()
    return "as it should" if (length, body, after) == ("4", b"", b"done") else f"{length} {body!r}"


def long_head(server: Running) -> str:
    """How a request head of 100 KB is answered."""
    return _said(server, b"GET /0 HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000)[0]


def underscore(server: Running) -> str:
    """Whether a header that only looks like one after WSGI renamed it comes through."""
    said = _said(server, b"GET /0 HTTP/1.1\r\nHost: localhost\r\nX_Probe: passed on")
    return "passed on as if it were" if said[-1] == "passed on" else "dropped"


def two_lengths(server: Running) -> str:
    """How a request is answered that tells its length in two ways that differ."""
    lengths = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0"
    return _said(server, b"POST /0 HTTP/1.1\r\nHost: localhost\r\n" + lengths)[0]


def two_hosts(server: Running) -> str:
    """How a request is answered that names two hosts."""
    return _said(server, b"GET /0 HTTP/1.1\r\nHost: one\r\nHost: other")[0]


def half_open(server: Running) -> str:
    """Whether others are served while many connections send half a request and stop."""
    with ExitStack() as stack:
        for _ in range(HALF_OPEN):
            stack.enter_context(_opened(server)).sendall(b"GET /0 HTTP/1.1\r\nHost: loc")
        begin = time.perf_counter()
        try:
            fetched_by(server, "/0", timeout=PATIENCE)
        except OSError:
            return "others wait"
        return f"others are served ({1000 * (time.perf_counter() - begin):.0f} ms)"


def stopped(server: Running) -> str:
    """Whether an answer that was begun is finished when the server is told to stop."""
    results: list[str] = []

    def slow() -> None:
        try:
            results.append(fetched_by(server, "/3", timeout=20).decode())
        except (OSError, http.client.HTTPException) as error:
            results.append(f"lost ({type(error).__name__})")

    thread = threading.Thread(target=slow)
    thread.start()
    time.sleep(1)  # it has begun by then, and is far from its end
    os.kill(server.pid, 15)
    thread.join()
    return {"done": "finished"}.get(results[0], results[0])


def killed(server: Running) -> str:
    """Whether a worker that was killed comes again."""
    import psutil

    first = psutil.Process(server.pid)
    workers = {child.pid for child in first.children()}
    os.kill(min(workers), 9)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with contextlib.suppress(psutil.Error):
            now = {child.pid for child in first.children() if child.status() != "zombie"}
            if len(now) >= len(workers) and min(workers) not in now:
                return "comes again"
        time.sleep(0.1)
    return "stays away"


PROBES: dict[str, Callable[[Running], str]] = {
    "HEAD": head,
    "A request head of 100 KB": long_head,
    "`X_Forwarded_For`, not `X-Forwarded-For`": underscore,
    "A length told in two ways": two_lengths,
    "Two hosts named": two_hosts,
    f"{HALF_OPEN} connections that send half a request": half_open,
    "Told to stop while an answer is made": stopped,
    "A worker is killed": killed,
}


def fetched_by(server: Running, path: str, timeout: float) -> bytes:
    """A body, over a connection of its own."""
    asked = http.client.HTTPConnection(urlsplit(server.site).netloc, timeout=timeout)
    try:
        asked.request("GET", path)
        return asked.getresponse().read()
    finally:
        asked.close()


def _said(server: Running, head: bytes) -> list[str]:
    """The lines of the answer to a request that is written out."""
    with _opened(server) as connection:
        said = b""
        with contextlib.suppress(OSError):  # it may be refused before it is sent
            connection.sendall(head + b"\r\nConnection: close\r\n\r\n")
            while more := connection.recv(65536):
                said += more
    return said.decode().removeprefix("HTTP/1.1 ").split("\r\n")


def _opened(server: Running) -> socket.socket:
    place = urlsplit(server.site)
    return socket.create_connection((place.hostname, place.port), timeout=10)


if __name__ == "__main__":
    sys.exit(script(__doc__, servers))
