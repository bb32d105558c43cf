"""
How fast nginx gives our pages from its store, against nginx giving the same bytes as a file.

    python benchmarks/nginx.py [--seconds 5] [--write FILE]

Needs ``nginx`` and ``wrk`` (Debian). One nginx with two workers, as docs/deploy/nginx.conf has it
but without TLS, and beside it two servers of the file: as Debian sets nginx up, and with what our
file sets for reading files. All write the same log. 16 connections, over loopback, one load after
the other.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import running  # noqa: E402
from benchmarks.pages import ARTICLE, ROUNDS, fetched, load  # noqa: E402

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


def main() -> None:
    """Measure in rounds, print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    told: dict[str, list[float]] = {}
    with running(workers=2) as site, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        body, tag = fetched(site.site + ARTICLE)
        (folder / "file").mkdir()
        (folder / "file" / "page").write_bytes(body)
        port, as_debian, as_ours = free_port(), free_port(), free_port()
        beside = FILE.format(port=as_debian, folder=folder, reading="") + FILE.format(
            port=as_ours, folder=folder, reading=AS_OURS
        )
        conf = ours(folder, port, site.site.removeprefix("http://"), Path(site.env["DATA_DIR"]))
        with serving(conf, folder, port, beside) as nginx:
            loads = {
                "The file, as Debian sets nginx up": (f"http://127.0.0.1:{as_debian}/page",),
                "The file, read as our configuration reads": (f"http://127.0.0.1:{as_ours}/page",),
                "Article from nginx's store": (nginx + ARTICLE,),
                "Article from nginx's store, 304": (nginx + ARTICLE, f"If-None-Match: {tag}"),
                "Article from the portal": (site.site + ARTICLE,),
            }
            for _ in range(ROUNDS):
                for what, (address, *headers) in loads.items():
                    fetched(address) if not headers else None
                    told.setdefault(what, []).append(load(address, options.seconds, *headers))
    whole = statistics.median(told["The file, as Debian sets nginx up"])
    busy = f"others kept {os.getloadavg()[2]:.1f} cores busy"
    lines = [
        f"{os.cpu_count()} cores; {busy}; medians of {ROUNDS} rounds of {options.seconds} s.",
        "",
        "| | answers a second | of the file |",
        "|---|---|---|",
    ]
    for what, rates in told.items():
        rate = statistics.median(rates)
        lines.append(f"| {what} | {rate:.0f} | {rate / whole:.2f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if options.write:
        options.write.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
