"""An nginx of its own: ``docs/deploy/nginx.conf`` without TLS, and files beside it."""

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

CONF = Path(__file__).resolve().parents[1] / "docs" / "deploy" / "nginx.conf"
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
        ("root /usr/share/portal;", f"root {CONF.parent};"),
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
def cached_and_file(site: str, data: Path, files: Path) -> Iterator[tuple[str, str]]:
    """Addresses of a portal behind nginx, and of an nginx that gives the files of a folder."""
    port, file_port = free_port(), free_port()
    file = f"listen 127.0.0.1:{file_port}; root {files}; gzip_static on;"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        conf = ours(folder, port, site.removeprefix("http://"), data)
        # As Debian sets nginx up; both write the same log.
        beside = f"server {{ access_log {folder}/portal.log portal; {file} }}"
        with serving(conf, folder, port, beside) as nginx:
            yield nginx, f"http://127.0.0.1:{file_port}"
