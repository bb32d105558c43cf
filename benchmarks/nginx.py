"""
How fast nginx gives our pages from its store, against nginx giving the same bytes as a file; and
whether it gives a page right after a publish.

    python benchmarks/nginx.py [--quick] [--write FILE]

Needs ``nginx`` and ``wrk`` (Debian). One nginx with two workers, as docs/deploy/nginx.conf has it
but without TLS, and beside it two servers of the file: as Debian sets nginx up, and with what our
file sets for reading files. All write the same log. 16 connections, over loopback, one load after
the other.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import demonstration  # noqa: E402
from benchmarks.demonstration import Sites, gunicorn, prepared  # noqa: E402
from benchmarks.load import Asked, fetched, if_changed, in_turn  # noqa: E402
from benchmarks.report import Goal, Part, script, table  # noqa: E402

ARTICLE = "/articles/is-stem-cell-therapy-feasible/"
GOAL = 0.9
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
FILE_AS_OURS = "The file, read as our configuration reads"
FILE_AS_DEBIAN, STORED = "The file, as Debian sets nginx up", "Article from nginx's store"
UNCHANGED = f"{STORED}, 304"
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
def of_files(files: Path) -> Iterator[str]:
    """An nginx that gives the files of a folder, compressed ones as they lie there; its address."""
    port = free_port()
    beside = f"server {{ listen 127.0.0.1:{port}; root {files}; access_log off; gzip_static on; }}"
    with tempfile.TemporaryDirectory() as folder, serving("", Path(folder), port, beside) as site:
        yield site


def shows_each_change(nginx: str, env: dict[str, str]) -> bool:
    """Whether the first answer after each of some changes shows it, in each encoding."""
    for number in range(3):
        for encoding in ("", "gzip", "br"):
            in_encoding(nginx, encoding)
        title = f"Topic number {number}"
        command = [sys.executable, "-c", CHANGE.format(title=title)]
        subprocess.run(command, cwd=ROOT, env=env, check=True)
        tags = {in_encoding(nginx, encoding)[1] for encoding in ("gzip", "br", "")}
        if len(tags) > 1 or title.encode() not in in_encoding(nginx, "")[0]:
            return False
    return True


def in_encoding(nginx: str, encoding: str) -> tuple[bytes, str]:
    """The article's bytes in an encoding, and their tag."""
    body, said = fetched(nginx + ARTICLE, **{"Accept-Encoding": encoding})
    return body, str(said["ETag"])


def behind_nginx(made: Sites, *, quick: bool) -> Part:
    """On a site of its own, since it is changed meanwhile."""
    rounds, seconds = (2, 1) if quick else (3, 5)
    with (
        tempfile.TemporaryDirectory() as name,
        prepared() as env,
        demonstration.serving(gunicorn(), env) as portal,
    ):
        folder = Path(name)
        (folder / "file").mkdir()
        (folder / "file" / "page").write_bytes(fetched(portal.site + ARTICLE)[0])
        port, as_debian, as_ours = free_port(), free_port(), free_port()
        beside = FILE.format(port=as_debian, folder=folder, reading="") + FILE.format(
            port=as_ours, folder=folder, reading=AS_OURS
        )
        conf = ours(folder, port, portal.site.removeprefix("http://"), Path(env["DATA_DIR"]))
        with serving(conf, folder, port, beside) as nginx:
            subjects = {
                FILE_AS_DEBIAN: Asked(f"http://127.0.0.1:{as_debian}/page"),
                FILE_AS_OURS: Asked(f"http://127.0.0.1:{as_ours}/page"),
                STORED: Asked(nginx + ARTICLE),
                UNCHANGED: if_changed(nginx + ARTICLE),
                "Article from the portal": Asked(portal.site + ARTICLE),
            }
            loads = in_turn(subjects, rounds, seconds)
            is_right = shows_each_change(nginx, env)
    whole = loads[FILE_AS_DEBIAN].rate
    share = loads[STORED].rate / whole
    rows = [[what, f"{one.rate:,.0f}", f"{one.rate / whole:.2f}"] for what, one in loads.items()]
    asked = f"at least {GOAL}"
    goals = [
        Goal("Article from nginx's store, of the file", asked, f"{share:.2f}", share >= GOAL),
        Goal("The same, right after each change", "yes", "yes" if is_right else "no", is_right),
    ]  # fmt: skip
    head = ["", "answers a second", "of the file"]
    return Part("Behind nginx", table(head, rows), goals)


if __name__ == "__main__":
    sys.exit(script(__doc__, behind_nginx))
