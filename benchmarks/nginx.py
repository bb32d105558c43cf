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
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import demonstration  # noqa: E402
from benchmarks.load import Asked, fetched, if_changed, in_turn  # noqa: E402

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
FILE_AS_DEBIAN = "The file, as Debian sets nginx up"
FILE_AS_OURS = "The file, read as our configuration reads"
STORED = "Article from nginx's store"
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


def shows_each_change(article: str, env: Mapping[str, str]) -> bool:
    """Whether the first answer after each of some changes shows it, in each encoding."""
    codings = [{"Accept-Encoding": coding} for coding in ("br", "gzip", "")]
    for number in range(3):
        for coding in codings:
            fetched(article, **coding)
        title = f"Topic number {number}"
        command = [sys.executable, "-c", CHANGE.format(title=title)]
        subprocess.run(command, cwd=ROOT, env=env, check=True)
        answers = [fetched(article, **coding) for coding in codings]
        if len({said["ETag"] for _, said in answers}) > 1 or title.encode() not in answers[-1][0]:
            return False
    return True


def main() -> int:
    """Measure in rounds, print the medians and their ratios; 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        demonstration.prepared() as env,
        demonstration.serving(demonstration.gunicorn(), env) as portal,
    ):
        folder = Path(name)
        (folder / "file").mkdir()
        (folder / "file" / "page").write_bytes(fetched(portal.site + ARTICLE)[0])
        port, as_debian, as_ours = free_port(), free_port(), free_port()
        beside = FILE.format(port=as_debian, folder=folder, reading="") + FILE.format(
            port=as_ours, folder=folder, reading=AS_OURS
        )
        data = Path(env["DATA_DIR"])
        conf = ours(folder, port, portal.site.removeprefix("http://"), data)
        with serving(conf, folder, port, beside) as nginx:
            subjects = {
                FILE_AS_DEBIAN: Asked(f"http://127.0.0.1:{as_debian}/page"),
                FILE_AS_OURS: Asked(f"http://127.0.0.1:{as_ours}/page"),
                STORED: Asked(nginx + ARTICLE),
                f"{STORED}, 304": if_changed(nginx + ARTICLE),
                "Article from the portal": Asked(portal.site + ARTICLE),
            }
            loads = in_turn(subjects, ROUNDS, options.seconds)
            is_right = shows_each_change(nginx + ARTICLE, env)
    rates = {what: load.rate for what, load in loads.items()}
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
