"""
How fast the pages of readers come, against a bare view of the same bytes under the same server.

    python benchmarks/pages.py [--seconds 5] [--write FILE]

Needs ``wrk`` (Debian). Everything runs on this machine, over loopback, one load after the other:
gunicorn with two workers of four threads, 16 connections. The bare view has no middleware and gives
the bytes that the article's page has, compressed as a browser takes it.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import demonstration  # noqa: E402

PAGES = {
    "Article": "/articles/is-stem-cell-therapy-feasible/",
    "Comparison": "/articles/stem-cells-or-fspr/",
    "Home": "/",
    "Search": "/search/?q=rhizotomies",
    "Evidence library": "/evidence/",
}
ARTICLE = PAGES["Article"]
ROUNDS = 3
BARE = """
import sys
from pathlib import Path
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from django.core.wsgi import get_wsgi_application

BODY = Path({body!r}).read_bytes()

def page(request):
    return HttpResponse(BODY, content_type="text/html", headers={{"Content-Encoding": "gzip"}})

urlpatterns = [path("page/", page)]
settings.configure(ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50)
application = get_wsgi_application()
"""


@contextmanager
def serving(folder: Path, body: bytes) -> Iterator[str]:
    """A bare Django view of a body, under the same server; its address."""
    (folder / "body").write_bytes(body)
    (folder / "bare.py").write_text(BARE.format(body=str(folder / "body")), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", "--workers=2",
               "--threads=4", "--no-control-socket", "--log-level=error", "bare"]  # fmt: skip
    server = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)})
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/page/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/page/"
    finally:
        server.terminate()
        server.wait()


def load(address: str, seconds: int, *headers: str) -> float:
    """Answers a second under load."""
    wrk = shutil.which("wrk")
    if not wrk:
        sys.exit("This needs wrk: apt-get install wrk.")
    command = [wrk, "-t1", "-c16", f"-d{seconds}s"]
    for header in ("Accept-Encoding: gzip", *headers):
        command += ["-H", header]
    said = subprocess.run([*command, address], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said and "If-None-Match" not in "".join(headers):
        sys.exit(said)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found
    return float(found[1])


def fetched(address: str) -> tuple[bytes, str]:
    """The bytes that a browser gets, and the tag."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), answer.headers["ETag"]


def main() -> None:
    """Measure in rounds, print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    told: dict[str, list[float]] = {}
    weights = {}
    with demonstration(workers=2) as site, tempfile.TemporaryDirectory() as folder:
        body, tag = fetched(site + ARTICLE)
        with serving(Path(folder), body) as bare:
            for _ in range(ROUNDS):
                told.setdefault("A bare view of the article's bytes", []).append(
                    load(bare, options.seconds)
                )
                for name, path in PAGES.items():
                    weights[name] = len(fetched(site + path)[0])
                    told.setdefault(name, []).append(load(site + path, options.seconds))
                told.setdefault("Article, 304", []).append(
                    load(site + ARTICLE, options.seconds, f"If-None-Match: {tag}")
                )
    whole = statistics.median(told["A bare view of the article's bytes"])
    busy = f"others kept {os.getloadavg()[2]:.1f} cores busy"
    lines = [
        f"{os.cpu_count()} cores; {busy}; medians of {ROUNDS} rounds of {options.seconds} s.",
        "",
        "| | answers a second | of the bare view | kB, gzip |",
        "|---|---|---|---|",
    ]
    for name, rates in told.items():
        rate = statistics.median(rates)
        weight = f"{weights[name] / 1000:.1f}" if name in weights else ""
        lines.append(f"| {name} | {rate:.0f} | {rate / whole:.2f} | {weight} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if options.write:
        options.write.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
