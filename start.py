#!/usr/bin/env python3
"""
One command to a running site, one to the tests. Standard library only.

    python3 start.py [--port N] [--host H]    make the environment, migrate, serve
    python3 start.py test                     the tests, on SQLite and on PostgreSQL, in Chromium
    python3 start.py check                    everything that must be green before a change lands
    python3 start.py fix                      repair what a machine can: formatting, lint
    python3 start.py lock                     pin the requirements again
    python3 start.py soak                     the long tests, by hand
"""

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
OLDEST = (3, 11)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PORTS_TO_TRY = 20


class StartError(Exception):
    """Something a person must put right; the message says what."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked; the exit code of the whole."""
    if sys.version_info < OLDEST:
        print(f"Python {'.'.join(map(str, OLDEST))} or newer is needed, this is "
              f"{sys.version.split()[0]}.", file=sys.stderr)  # fmt: skip
        return 1
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    commands = {"serve": serve, "test": test, "check": check, "fix": fix, "lock": lock,
                "soak": soak}  # fmt: skip
    parser.add_argument("command", nargs="?", choices=commands, default="serve")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="handed on to pytest")
    options = parser.parse_args(arguments)
    os.chdir(ROOT)
    try:
        return commands[options.command](options)
    except StartError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command to go on where this left off.", file=sys.stderr)
        return 130


# The environment -------------------------------------------------------------------------------


def install(requirements: str) -> None:
    """
    Make sure ``.venv`` holds exactly these hash-locked requirements.

    A stamp with the hash of the file is written last, so a half-made environment has none and is
    finished or made again; with the stamp in place nothing asks the network.
    """
    wanted = _stamp(requirements)
    stamp = VENV / f".installed-{requirements}"
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted and _works("sys"):
        return
    if not _works("pip"):
        make_environment()
    stamp.unlink(missing_ok=True)
    print(f"Installing {requirements} (a minute or two, once) …", flush=True)
    result = subprocess.run(
        [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--require-hashes", "-r", requirements],
        check=False,
    )  # fmt: skip
    if result.returncode:
        raise StartError(
            f"The packages of {requirements} could not be installed (see above). Check the "
            "network and run the same command again."
        )
    stamp.write_text(wanted, encoding="ascii")


def _stamp(requirements: str) -> str:
    content = (ROOT / requirements).read_bytes()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{version} {hashlib.sha256(content).hexdigest()}"


def _works(module: str) -> bool:
    """Whether the environment's Python runs, is the version we run on and has the module."""
    probe = f"import sys, {module}; print('%d.%d' % sys.version_info[:2])"
    try:
        result = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    return result.returncode == 0 and result.stdout.strip() == mine


def make_environment() -> None:
    """Make ``.venv`` anew: by venv, else by the system's virtualenv, else with the system's pip."""
    if VENV.exists():
        print("The environment in .venv is not whole; making it anew …", flush=True)
        shutil.rmtree(VENV)
    print("Making the environment in .venv …", flush=True)
    attempts: list[list[list[str]]] = [
        [[sys.executable, "-m", "venv", str(VENV)]],
        [[sys.executable, "-m", "virtualenv", "--quiet", str(VENV)]],
        [
            [sys.executable, "-m", "venv", "--without-pip", str(VENV)],
            [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"],
        ],
    ]
    for steps in attempts:
        if all(map(_quietly, steps)) and _works("pip"):
            return
        shutil.rmtree(VENV, ignore_errors=True)
    raise StartError(
        "Python can't make an environment here: it has neither ensurepip nor pip nor virtualenv.\n"
        "Install one of them and run this again; on Debian and Ubuntu:\n"
        "    sudo apt-get install python3-venv"
    )


def _quietly(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def manage(*arguments: str, env: Mapping[str, str] | None = None, quiet: bool = False) -> int:
    """Run one of Django's commands; its exit code."""
    return subprocess.run(
        [PYTHON, "manage.py", *arguments],
        env={**os.environ, **(env or {})},
        check=False,
        stdout=subprocess.DEVNULL if quiet else None,
    ).returncode


# Serving ---------------------------------------------------------------------------------------


def serve(options: argparse.Namespace) -> int:
    """Bring the database up to date, load the demonstration when it is empty, and serve."""
    if options.host not in LOOPBACK and not os.environ.get("ALLOWED_HOSTS"):
        raise StartError(
            f"Refusing to listen on {options.host}: other machines could reach this site. Set "
            "ALLOWED_HOSTS to the names it may be reached by, and DEMO=off for a real site."
        )
    install("requirements.txt")
    port = free_port(options.host, options.port)
    env = {"DEMO": os.environ.get("DEMO", "on"), "PORT": str(port)}
    if manage("prepare_site", env=env):
        raise StartError("The site could not be made ready (see above).")
    name = "localhost" if options.host in LOOPBACK else options.host
    print(f"\n  The site:          http://{name}:{port}/")
    print(f"  The editors' desk: http://{name}:{port}/admin/")
    print("  To stop: Ctrl-C\n", flush=True)
    if WINDOWS:
        command = [str(BIN / "waitress-serve"), f"--listen={options.host}:{port}"]
    else:
        command = [
            str(PYTHON), "-m", "gunicorn", f"--bind={_bind(options.host)}:{port}", "--workers=2",
            "--threads=4", "--log-level=warning", "--access-logfile=/dev/null",
        ]  # fmt: skip
    return _run_until_stopped([*command, "portal.wsgi:application"], {**os.environ, **env})


def _bind(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _run_until_stopped(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run the server; Ctrl-C reaches it too, so wait for it to finish what it was doing."""
    server = subprocess.Popen(command, env=dict(env))
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        print("\nStopped.")
        return 0


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next one that is free; says so."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, wanted + PORTS_TO_TRY):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if not WINDOWS:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except PermissionError as error:
                raise StartError(f"Port {port} needs more rights; take one above 1023.") from error
            except OSError:
                continue
        if port != wanted:
            print(f"Port {wanted} is in use; taking {port}.")
        return port
    raise StartError(f"Ports {wanted} to {wanted + PORTS_TO_TRY - 1} are all in use.")


# Tests and checks ------------------------------------------------------------------------------


def chromium() -> str | None:
    """The Chromium to drive, if this machine has one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def pytest_command(*arguments: str) -> list[str]:
    """Pytest in the environment, on both cores."""
    return [str(PYTHON), "-m", "pytest", "-n", "2", "--dist", "loadfile", *arguments]


def steps_of_test(rest: Sequence[str], coverage: Sequence[str] = ()) -> list["Step"]:
    """The suite on SQLite, again on PostgreSQL, and the journeys in a browser."""
    steps: list[Step] = [
        (
            "tests on SQLite",
            pytest_command("-m", "not journeys and not soak", *coverage, *rest),
            {},
        ),
        (
            "tests on PostgreSQL",
            pytest_command("-m", "not journeys and not soak", *rest),
            {"TEST_DATABASE": "postgresql"},
        ),
    ]
    if chromium():
        journeys = [str(PYTHON), "-m", "pytest", "-m", "journeys", *rest]
        steps.append(("journeys in Chromium", journeys, {"CHROMIUM": str(chromium())}))
    else:
        print("SKIPPED journeys in Chromium: no Chromium on this machine "
              "(on Debian: apt-get install chromium).")  # fmt: skip
    return steps


Step = tuple[str, list[str], dict[str, str]]


def test(options: argparse.Namespace) -> int:
    """Install what tests need and run them all."""
    install("requirements-dev.txt")
    return run_steps(steps_of_test(options.rest))


def check(_options: argparse.Namespace) -> int:
    """Everything that must be green before a change lands."""
    install("requirements-dev.txt")
    python = str(PYTHON)
    templates = [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]
    deployment = {
        "DEBUG": "off", "DEMO": "off", "HTTPS": "on", "ALLOWED_HOSTS": "example.org",
        "SECRET_KEY": hashlib.sha256(b"only for the check").hexdigest() * 2,
        "PUBLISHER_NAME": "The publisher", "SITE_URL": "https://example.org",
    }  # fmt: skip
    steps: list[Step] = [
        ("formatting", [python, "-m", "ruff", "format", "--check", "--diff", "."], {}),
        ("lint", [python, "-m", "ruff", "check", "."], {}),
        ("template syntax", [str(BIN / "djade"), "--check", *templates], {}),
        (
            "template indentation",
            [str(BIN / "djhtml"), "--tabwidth", "2", "--check", *templates],
            {},
        ),
        ("types", [python, "-m", "mypy"], {}),
        ("import contracts", [str(BIN / "lint-imports"), "--no-cache"], {}),
        ("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
        (
            "deployment",
            [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            deployment,
        ),
        *steps_of_test(
            (),
            coverage=(
                "--cov=education",
                "--cov=portal",
                "--cov-branch",
                "--cov-report=term:skip-covered",
            ),
        ),
    ]
    return run_steps(steps)


def fix(_options: argparse.Namespace) -> int:
    """Repair what a machine can."""
    install("requirements-dev.txt")
    templates = [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]
    python = str(PYTHON)
    subprocess.run([python, "-m", "ruff", "check", "--fix", "--quiet", "."], check=False)
    subprocess.run([python, "-m", "ruff", "format", "--quiet", "."], check=False)
    subprocess.run([str(BIN / "djhtml"), "--tabwidth", "2", *templates], check=False)
    subprocess.run([str(BIN / "djade"), *templates], check=False)
    return 0


def soak(options: argparse.Namespace) -> int:
    """The long tests; their result belongs in the note of whoever runs them."""
    install("requirements-dev.txt")
    return run_steps([("soak", [str(PYTHON), "-m", "pytest", "-m", "soak", *options.rest], {})])


def lock(_options: argparse.Namespace) -> int:
    """Pin every requirement with its hashes, for all systems and Python versions we run on."""
    install("requirements-dev.txt")
    steps: list[Step] = [
        (
            f"lock {name}",
            [str(BIN / "uv"), "pip", "compile", "--quiet", "--universal", "--generate-hashes",
             "--python-version", ".".join(map(str, OLDEST)), "--no-header", f"{name}.in",
             "--output-file", f"{name}.txt"],
            {},
        )
        for name in ("requirements", "requirements-dev")
    ]  # fmt: skip
    return run_steps(steps)


def run_steps(steps: Sequence[Step]) -> int:
    """Run every step, even after one failed, and sum up; 0 when all passed."""
    results = []
    for name, command, env in steps:
        print(f"\n== {name}", flush=True)
        begun = time.monotonic()
        code = subprocess.run(command, env={**os.environ, **env}, check=False).returncode
        results.append((name, code, time.monotonic() - begun))
    print("\n== summary")
    for name, code, seconds in results:
        print(f"{'passed' if code == 0 else 'FAILED':8}{seconds:7.1f} s  {name}")
    return 1 if any(code for _, code, _ in results) else 0


if __name__ == "__main__":
    sys.exit(main())
