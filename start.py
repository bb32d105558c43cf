#!/usr/bin/env python3
"""
One command to a running site, one to the tests. Standard library only.

    python3 start.py [--port N] [--host H]    make the environment, migrate, serve
    python3 start.py test [...]               the tests while you work, or those you name
    python3 start.py check                    everything that must be green before a change lands
    python3 start.py fix                      repair what a machine can: formatting, lint
    python3 start.py lock [--upgrade]         pin the requirements again, list their licences
    python3 start.py sbom FILE                write the list of parts, as CycloneDX
    python3 start.py soak [...]               the long tests, by hand
    python3 start.py mutate [MODULE]          which changes of the rules no test misses

What follows ``test`` and ``soak`` is handed on to pytest, what follows ``lock`` to uv.
"""

import argparse
import contextlib
import errno
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

OLDEST = (3, 11)
if sys.version_info < OLDEST:  # before anything that an older Python would not understand
    sys.exit(
        "This needs Python {}.{} or newer; you ran it with Python {}.{}.".format(
            *OLDEST, *sys.version_info[:2]
        )
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
RUN = "requirements.txt"
WORK = "requirements-dev.txt"  # holds all of RUN, in the same versions
LICENCES = "docs/licences.md"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORTS_TO_TRY = 20


class StartError(Exception):
    """Something a person must put right; the message says what."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked; the exit code of the whole."""
    from tools.checks import COMMANDS  # they need no package either until they have installed it
    from tools.mutation import mutate

    commands = {"serve": serve, **COMMANDS, "mutate": mutate}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=port_number, default=os.environ.get("PORT") or "8000")
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument("command", nargs="?", choices=commands, default="serve")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.command == "serve":  # its options may follow it too
        parser.parse_args(options.rest, options)
    elif options.rest and options.command in {"check", "fix"}:
        parser.error(f"{options.command} takes nothing more: {' '.join(options.rest)}")
    os.chdir(ROOT)
    # Ctrl-C, a service manager, a closed window (which who says nohup does not mean to stop it).
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, signal.default_int_handler)
    try:
        return commands[options.command](options)
    except StartError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where this left off.", file=sys.stderr)
        return 130


def port_number(text: str) -> int:
    """A port that can be listened on; ``ValueError`` otherwise."""
    port = int(text)
    if not 0 < port < 65536:
        raise ValueError
    return port


# The environment -------------------------------------------------------------------------------


def install(requirements: str) -> None:
    """
    Make sure ``.venv`` holds exactly these hash-locked requirements.

    The stamp, which names what is installed by its hash, is removed first and written last: an
    interrupted installation has none and is finished the next time. With it in place nothing asks
    the network.
    """
    wanted = _fingerprints(requirements)
    stamp = VENV / ".installed"
    if stamp.exists() and wanted <= set(stamp.read_text("ascii").splitlines()) and _works("sys"):
        return
    if not _works("pip"):
        make_environment()
    stamp.unlink(missing_ok=True)
    print(f"Installing {requirements} (a minute or two, once) …", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--require-hashes", "-r", requirements], check=False).returncode:
        raise StartError(
            f"The packages of {requirements} could not be installed (see above). Check the "
            "network and run the same command again."
        )
    stamp.write_text("\n".join(sorted(wanted)), "ascii")


def _fingerprints(requirements: str) -> set[str]:
    names = {RUN, requirements}
    digests = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in names}
    return {f"{_version()} {name} {digest}" for name, digest in digests.items()}


def _version() -> str:
    return "{}.{}".format(*sys.version_info[:2])


def _works(module: str) -> bool:
    """Whether the environment's Python runs, is the version we run on and has the module."""
    probe = f"import sys, {module}; print('%d.%d' % sys.version_info[:2])"
    try:
        result = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return result.returncode == 0 and result.stdout.strip() == _version()


def make_environment() -> None:
    """Make ``.venv`` anew: by venv, else by virtualenv, else with the system's pip."""
    if VENV.exists() or VENV.is_symlink():
        print("The environment in .venv is not whole, or of another Python.", flush=True)
        _remove_environment()
    print("Making the environment in .venv …", flush=True)
    python, venv = sys.executable, str(VENV)
    if Path(python).is_relative_to(VENV):  # run by what was just removed
        python = getattr(sys, "_base_executable", python)
    attempts = [
        [[python, "-m", "venv", venv]],
        [[python, "-m", "virtualenv", "--quiet", venv]],
        [["virtualenv", "--quiet", "--python", python, venv]],
        [
            [python, "-m", "venv", "--without-pip", venv],
            [python, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"],
        ],
    ]
    complaints = []
    for steps in attempts:
        complaint = next(filter(None, map(_complaint, steps)), "")
        if not complaint and _works("pip"):
            return
        complaints.append(complaint)
        _remove_environment()
    raise StartError(
        f"{complaints[0]}\n\n"
        "Python can't make an environment here: it has no working ensurepip, virtualenv or pip.\n"
        "Install one of them and run this again; on Debian and Ubuntu:\n"
        "    sudo apt-get install python3-venv"
    )


def _complaint(command: Sequence[str]) -> str:
    """Run a command; nothing when it succeeded, else what it said."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    said = (result.stderr + result.stdout).strip() or "It failed without a word."
    return said if result.returncode else ""


def _remove_environment() -> None:
    if VENV.is_dir() and not VENV.is_symlink():
        shutil.rmtree(VENV)
    else:
        VENV.unlink(missing_ok=True)


# Serving ---------------------------------------------------------------------------------------


def serve(options: argparse.Namespace) -> int:
    """Bring the database up to date, load the demonstration when it is empty, and serve."""
    hosts = os.environ.get("ALLOWED_HOSTS", "").strip()
    if options.host not in LOOPBACK and not hosts:
        raise StartError(
            f"Refusing to listen on {options.host}: other machines could reach this site. Set "
            "ALLOWED_HOSTS to the names it may be reached by, and DEMO=off for a real site."
        )
    install(RUN)
    port = free_port(options.host, options.port)
    env = {**os.environ, "PORT": str(port), "DEMO": os.environ.get("DEMO") or "on"}
    if subprocess.run([PYTHON, "manage.py", "prepare_site"], env=env, check=False).returncode:
        raise StartError("The site could not be made ready (see above).")
    name = site_name(options.host, hosts)
    return run_server(options.host, port, env, f"http://{name}:{port}/")


def site_name(host: str, allowed_hosts: str) -> str:
    """The name to print: the first the site may be reached by, else this machine's own."""
    own = "localhost" if host in LOOPBACK else host
    first = allowed_hosts.split(",", maxsplit=1)[0].strip().lstrip(".")
    return own if first in ("", "*") else first


def server_command(host: str, port: int) -> list[str]:
    """A production-grade server; gunicorn can't run on Windows, waitress can."""
    listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if WINDOWS:
        server = ["waitress", f"--listen={listen}", "--threads=8"]
    else:
        server = [
            "gunicorn", f"--bind={listen}", "--workers=2", "--threads=4", "--log-level=warning",
            # One import serves both workers; no connection is open before they part.
            "--preload",
            "--no-control-socket",  # it would lie in the home of whoever runs this
        ]  # fmt: skip
    return [str(PYTHON), "-m", *server, "portal.wsgi:application"]


def run_server(host: str, port: int, env: Mapping[str, str], address: str) -> int:
    """Serve until stopped; the address is printed once it answers."""
    server = subprocess.Popen(server_command(host, port), env=dict(env))
    try:
        while server.poll() is None and not _answers(host, port):
            time.sleep(0.05)
        if server.poll() is None:
            print(f"\n  The site:          {address}")
            print(f"  The editors' desk: {address}admin/")
            print("  To stop: Ctrl-C\n", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()  # Ctrl-C has reached it already, a service manager's signal has not
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=10)
        server.kill()
        print("\nStopped.")
        return 0


def _answers(host: str, port: int) -> bool:
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        socket.create_connection((own, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next one that is free; says so."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = min(wanted + PORTS_TO_TRY - 1, 65535)
    for port in range(wanted, last + 1):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if not WINDOWS:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                hint = " Take a port above 1023." if port < 1024 else ""
                raise StartError(f"Can't listen on {host}:{port}: {error}.{hint}") from error
        if port != wanted:
            print(f"Port {wanted} is in use; taking {port}.")
        return port
    raise StartError(f"Ports {wanted} to {last} are all in use.")


if __name__ == "__main__":
    from start import main as start_main  # the module that tools/ imports from

    sys.exit(start_main())
