"""
How fast nginx gives our pages from its store, against nginx giving the same bytes as a file; and
whether it gives a page right after a publish.

    python benchmarks/nginx.py [--seconds 5] [--write FILE]

Needs ``nginx`` and ``wrk`` (Debian). One nginx with two workers, as docs/deploy/nginx.conf has it
but without TLS, and beside it two servers of the file: as Debian sets nginx up, and with what our
file sets for reading files. All write the same log. 16 connections, over loopback, one load after
the other. Ends with 1 when the goal is missed.
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
ARTICLE = "/articles/is-stem-cell-therapy-feasible/"
GOAL = 0.9
ROUNDS = 3
# A change that readers see at once, by a process of its own.
CHANGE = """
import django; django.setup()
from django.db import transaction
from education.audit.operations import record
from education.publishing.models import Publication
topic = Publication.objects.current().get(slug="is-stem-cell-therapy-feasible").topic
topic.title = {title!r}
with transaction.atomic():
    topic.save()
    record("topic.changed", topic, by=None)
"""
CONF = ROOT / "docs" / "deploy" / "nginx.conf"
# Around what Debian includes from conf.d.
AROUND = """
{user}
worker_processes 2;
pid {folder}/pid;
daemon off;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
{places}
{conf}
{beside}
}}
"""
FILE = """
server {{
    listen 127.0.0.1:{port};
    access_log {folder}/portal.log portal;
    {reading}
    location / {{
        root {folder}/file;
        types {{}}
        default_type "text/html; charset=utf-8";
        add_header Content-Encoding gzip;
    }}
}}
"""
FILE_AS_DEBIAN, STORED = "The file, as Debian sets nginx up", "Article from nginx's store"
AS_OURS = "sendfile off; output_buffers 2 64k; open_file_cache max=2000;"


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def ours(folder: Path, port: int, portal: str, data: Path) -> str:
    """Our file for nginx, without TLS, on a port, before a portal at ``host:port``."""
    conf = CONF.read_text("utf-8")
    insecure = conf.index("server {\n    listen 80;")
    conf = conf[:insecure] + conf[conf.index("server {\n    listen 443") :]
    for written, here in (
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("unix:/run/portal/portal.sock", portal),
        ("/var/lib/portal/shown", f"{data}/shown"),
        ("/var/cache/nginx/portal", f"{folder}/cache"),
        ("/var/log/nginx/portal.log", f"{folder}/portal.log"),
        ("/var/log/nginx/portal-error.log", f"{folder}/error.log"),
    ):
        if written not in conf:
            sys.exit(f"{CONF} has no {written}")
        conf = conf.replace(written, here)
    return "\n".join(line for line in conf.splitlines() if "ssl_" not in line)


@contextmanager
def serving(conf: str, folder: Path, port: int, beside: str = "") -> Iterator[str]:
    """An nginx of its own with a configuration; its address once it listens."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"    {kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    whole = AROUND.format(folder=folder, user=user, places=places, conf=conf, beside=beside)
    (folder / "nginx.conf").write_text(whole, "utf-8")
    command = [program, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                if time.monotonic() > until or server.poll() is not None:
                    sys.exit((folder / "error.log").read_text("utf-8"))
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def portal(folder: Path) -> Iterator[str]:
    """A demonstration site with its data in a folder; its address."""
    env = environment(folder)
    subprocess.run(
        [sys.executable, "manage.py", "prepare_site"], cwd=ROOT, env=env, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", "--workers=2",
               "--threads=4", "--preload", "--no-control-socket", "--log-level=error",
               "portal.wsgi"]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                fetched(f"http://127.0.0.1:{port}/health/live")
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def environment(folder: Path) -> dict[str, str]:
    """What the site's commands and its server need."""
    return {
        **os.environ, "DATA_DIR": str(folder), "DEMO": "on", "DEMO_PASSWORD": "thrown-away-at-once",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "EMAIL_URL": "dummymail://",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }  # fmt: skip


def fetched(address: str, encoding: str = "gzip") -> tuple[bytes, str]:
    """The bytes that a browser gets, and the tag."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), answer.headers["ETag"]


def load(address: str, seconds: int, *headers: str) -> float:
    """Answers a second under load."""
    wrk = shutil.which("wrk")
    if not wrk:
        sys.exit("This needs wrk: apt-get install wrk.")
    command = [wrk, "-t1", "-c16", f"-d{seconds}s"]
    for header in ("Accept-Encoding: gzip", *headers):
        command += ["-H", header]
    said = subprocess.run([*command, address], check=True, capture_output=True, text=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if not found or "Non-2xx" in said:
        sys.exit(said)
    return float(found[1])


def shows_each_change(nginx: str, folder: Path) -> bool:
    """Whether the first answer after each of some changes shows it, in each encoding."""
    for number in range(3):
        for encoding in ("", "gzip", "br"):
            fetched(nginx + ARTICLE, encoding)
        title = f"Topic number {number}"
        command = [sys.executable, "-c", CHANGE.format(title=title)]
        subprocess.run(command, cwd=ROOT, env=environment(folder), check=True)
        tags = {fetched(nginx + ARTICLE, encoding)[1] for encoding in ("gzip", "br", "")}
        if len(tags) > 1 or title.encode() not in fetched(nginx + ARTICLE, "")[0]:
            return False
    return True


def main() -> int:
    """Measure in rounds, print the medians and their ratios; 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    told: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as data:
        folder = Path(name)
        with portal(Path(data)) as site:
            body, tag = fetched(site + ARTICLE)
            (folder / "file").mkdir()
            (folder / "file" / "page").write_bytes(body)
            port, as_debian, as_ours = free_port(), free_port(), free_port()
            beside = FILE.format(port=as_debian, folder=folder, reading="") + FILE.format(
                port=as_ours, folder=folder, reading=AS_OURS
            )
            conf = ours(folder, port, site.removeprefix("http://"), Path(data))
            with serving(conf, folder, port, beside) as nginx:
                loads = {
                    FILE_AS_DEBIAN: (f"http://127.0.0.1:{as_debian}/page",),
                    "The file, read as our configuration reads": (
                        f"http://127.0.0.1:{as_ours}/page",
                    ),
                    STORED: (nginx + ARTICLE,),
                    f"{STORED}, 304": (nginx + ARTICLE, f"If-None-Match: {tag}"),
                    "Article from the portal": (site + ARTICLE,),
                }
                for _ in range(ROUNDS):
                    for what, (address, *headers) in loads.items():
                        fetched(address)
                        told.setdefault(what, []).append(load(address, options.seconds, *headers))
                is_right = shows_each_change(nginx, Path(data))
    rates = {what: statistics.median(found) for what, found in told.items()}
    whole = rates[FILE_AS_DEBIAN]
    busy = f"others kept {os.getloadavg()[2]:.1f} cores busy"
    lines = [
        f"{os.cpu_count()} cores; {busy}; medians of {ROUNDS} rounds of {options.seconds} s.",
        "",
        "| | answers a second | of the file |",
        "|---|---|---|",
        *(f"| {what} | {rate:.0f} | {rate / whole:.2f} |" for what, rate in rates.items()),
        "",
        f"{rates[STORED] / whole:.2f} of the file; right after a change: "
        + ("yes." if is_right else "no."),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if options.write:
        options.write.write_text(text, "utf-8")
    return 0 if is_right and rates[STORED] >= GOAL * whole else 1


if __name__ == "__main__":
    sys.exit(main())
