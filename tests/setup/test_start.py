"""start.py on machines that are not as one would like them."""

import ast
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from argparse import Namespace
from itertools import chain, combinations
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

from tools import checks

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "portal" / "settings.py").read_text())


@pytest.fixture
def start(tmp_path, monkeypatch):
    """start.py as a module whose environment is in a folder with a space in its name."""
    spec = importlib.util.spec_from_file_location("start_alone", ROOT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / "a folder" / ".venv"
    venv.parent.mkdir()
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "PYTHON", venv / "bin" / "python")
    return module


@pytest.fixture
def pip_calls(start, monkeypatch):
    """An environment that is there; what pip is asked to do is noted, and succeeds."""
    calls = []

    def run(command, **_options):
        calls.append(command)
        return subprocess.CompletedProcess(command, returncode=0)

    start.VENV.mkdir()
    monkeypatch.setattr(start, "_works", lambda module: True)
    monkeypatch.setattr(start.subprocess, "run", run)
    return calls


@pytest.fixture
def surroundings():
    """A person's environment with nothing set for this project."""
    ours = {*SETTINGS, "DJANGO_SETTINGS_MODULE", "TEST_DATABASE", "PORT", "HOST"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def a_python_whose(folder: Path, script: str) -> str:
    """A Python in front of which a shell script decides."""
    python = folder / "python-of-this-machine"
    python.write_text(f'#!/bin/sh\nreal="{sys.executable}"\n{script}\nexec "$real" "$@"\n')
    python.chmod(0o755)
    return str(python)


# An older Python -------------------------------------------------------------------------------


def test_start_tells_an_older_python_what_is_needed():
    text = (ROOT / "start.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 6))  # or an older Python would say "invalid syntax"
    older = text.replace("OLDEST = (3, 11)", "OLDEST = (99, 0)")

    result = subprocess.run(
        [sys.executable, "-c", older], capture_output=True, text=True, check=False
    )

    assert result.returncode == 1
    assert "needs Python 99.0 or newer" in result.stderr


# The environment -------------------------------------------------------------------------------


def test_make_environment_makes_one_that_works(start):
    start.make_environment()

    assert start._works("pip")


@pytest.mark.parametrize("left_behind", ["file", "folder", "link", "python"])
def test_make_environment_makes_a_half_made_one_anew(start, left_behind, monkeypatch):
    if left_behind == "file":
        start.VENV.write_text("")
    elif left_behind == "link":
        start.VENV.symlink_to("nowhere")
    else:
        start.PYTHON.parent.mkdir(parents=True)
    if left_behind == "python":
        start.PYTHON.write_text("half made")
        start.PYTHON.chmod(0o755)
    made = []

    def make(steps):
        assert not start.VENV.exists()
        assert not start.VENV.is_symlink()
        made.append(steps)
        return ""

    monkeypatch.setattr(start, "_complaint", make)
    assert not start._works("pip")
    monkeypatch.setattr(start, "_works", lambda module: True)

    start.make_environment()

    assert len(made) == 1


def test_works_is_false_of_another_python(start):
    start.PYTHON.parent.mkdir(parents=True)
    start.PYTHON.write_text("#!/bin/sh\necho 3.4\n")
    start.PYTHON.chmod(0o755)

    assert not start._works("sys")


def test_make_environment_names_the_package_when_python_has_no_way(start, tmp_path, monkeypatch):
    nothing = a_python_whose(tmp_path, 'echo "No module named $2" >&2; exit 1')
    monkeypatch.setattr(start.sys, "executable", nothing)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(start.StartError, match="apt-get install python3-venv") as refusal:
        start.make_environment()

    assert str(refusal.value).startswith("No module named venv")
    assert not start.VENV.exists()


def test_main_prints_what_a_person_must_put_right_and_exits_1(start, monkeypatch, capsys):
    def refuse(_options):
        raise start.StartError("Install python3-venv.")

    monkeypatch.setattr(start, "serve", refuse)

    assert start.main([]) == 1
    assert "Install python3-venv." in capsys.readouterr().err


def test_make_environment_uses_virtualenv_where_venv_fails(start, tmp_path, monkeypatch):
    # A stand-in for virtualenv, which makes what venv would.
    script = (
        'if [ "$2" = virtualenv ]; then exec "$real" -m venv --without-pip "$4"; fi\n'
        "echo no ensurepip >&2; exit 1"
    )
    monkeypatch.setattr(start.sys, "executable", a_python_whose(tmp_path, script))
    monkeypatch.setattr(start, "_works", lambda module: start.PYTHON.exists())

    start.make_environment()

    assert start.PYTHON.exists()


def test_make_environment_uses_the_systems_pip_where_there_is_no_ensurepip(
    start, tmp_path, monkeypatch
):
    # A stand-in for pip, which would ask the network: it says that it was asked.
    script = (
        'if [ "$2" = venv ] && [ "$3" = --without-pip ]; then exec "$real" "$@"; fi\n'
        'if [ "$2" = pip ] && [ "$3" = --python ]; then echo "$7" > "$4.asked"; exit; fi\n'
        "echo no ensurepip >&2; exit 1"
    )
    monkeypatch.setattr(start.sys, "executable", a_python_whose(tmp_path, script))
    monkeypatch.setattr(start, "_works", lambda module: start.PYTHON.exists())
    monkeypatch.setenv("PATH", "")

    start.make_environment()

    assert Path(f"{start.PYTHON}.asked").read_text() == "pip\n"


def test_install_asks_for_nothing_the_second_time(start, pip_calls):
    start.install("requirements.txt")
    assert len(pip_calls) == 1

    start.install("requirements.txt")

    assert len(pip_calls) == 1


def test_install_of_what_work_needs_is_enough_to_run(start, pip_calls):
    start.install("requirements-dev.txt")
    start.install("requirements.txt")

    assert [call[-1] for call in pip_calls] == ["requirements-dev.txt"]


def test_install_notices_other_requirements(start, pip_calls, monkeypatch, tmp_path):
    start.install("requirements-dev.txt")
    (tmp_path / "requirements.txt").write_text("another==1\n")
    (tmp_path / "requirements-dev.txt").write_bytes((ROOT / "requirements-dev.txt").read_bytes())
    monkeypatch.setattr(start, "ROOT", tmp_path)

    start.install("requirements.txt")
    start.install("requirements-dev.txt")

    assert [call[-1] for call in pip_calls] == [
        "requirements-dev.txt", "requirements.txt", "requirements-dev.txt"
    ]  # fmt: skip


@pytest.mark.parametrize("end", [KeyboardInterrupt, subprocess.CompletedProcess([], 1)])
def test_install_that_did_not_finish_is_not_taken_for_done(start, pip_calls, monkeypatch, end):
    start.install("requirements.txt")
    (start.VENV / ".installed").write_text("something older")

    def run(_command, **_options):
        if end is KeyboardInterrupt:
            raise KeyboardInterrupt
        return end

    monkeypatch.setattr(start.subprocess, "run", run)

    with pytest.raises((KeyboardInterrupt, start.StartError)):
        start.install("requirements.txt")

    assert not (start.VENV / ".installed").exists()


# Where it listens ------------------------------------------------------------------------------


def test_free_port_takes_the_next_one_and_says_so(start, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert start.free_port("127.0.0.1", port) > port

    assert f"Port {port} is in use; taking " in capsys.readouterr().out


def test_free_port_says_why_it_cannot_listen(start):
    with pytest.raises(start.StartError, match="Can't listen on 192"):
        start.free_port("192.0.2.1", 8000)  # an address that is reserved, so never this machine's


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_main_refuses_what_is_no_port(start, port, monkeypatch, capsys):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(SystemExit) as end:
        start.main([])

    assert end.value.code == 2
    assert f"invalid port_number value: '{port}'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--port", "8127"], ["serve", "--port", "8127"]])
def test_serve_takes_its_options_on_either_side(start, arguments, monkeypatch):
    ports = []
    monkeypatch.setattr(start, "serve", lambda options: ports.append(options.port) or 0)

    assert start.main(arguments) == 0
    assert ports == [8127]


@pytest.mark.parametrize("arguments", [["serve", "8127"], ["check", "tests"], ["fix", "--all"]])
def test_main_refuses_what_a_command_does_not_take(start, arguments, capsys):
    with pytest.raises(SystemExit) as end:
        start.main(arguments)

    assert end.value.code == 2
    assert arguments[-1] in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_serve_refuses_to_be_reached_from_outside_without_allowed_hosts(
    start, host, monkeypatch, capsys
):
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    monkeypatch.setattr(start, "install", lambda requirements: pytest.fail("went on"))

    assert start.main(["--host", host]) == 1

    assert "ALLOWED_HOSTS" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "allowed_hosts", "name"),
    [
        ("127.0.0.1", "", "localhost"),
        ("::1", "", "localhost"),
        ("0.0.0.0", "portal.example.org, www.example.org", "portal.example.org"),
        ("0.0.0.0", ".example.org", "example.org"),
        ("192.0.2.1", "*", "192.0.2.1"),
    ],
)
def test_site_name_is_one_the_site_answers_to(start, host, allowed_hosts, name):
    assert start.site_name(host, allowed_hosts) == name


def test_server_command_is_waitress_where_gunicorn_cannot_run(start, monkeypatch):
    assert "gunicorn" in start.server_command("::1", 8000)
    assert "--bind=[::1]:8000" in start.server_command("::1", 8000)
    monkeypatch.setattr(start, "WINDOWS", True)

    assert "waitress" in start.server_command("127.0.0.1", 8000)


# Steps -----------------------------------------------------------------------------------------


def test_run_steps_goes_on_after_a_failure_and_sums_up(capfd):
    steps = [
        checks.Step("the first", [sys.executable, "-c", "raise SystemExit(3)"]),
        checks.Step("the second", [sys.executable, "-c", "print('still run')"]),
        checks.Step("the third", (), why="not on this machine"),
    ]

    assert checks.run_steps(steps) == 1

    lines = capfd.readouterr().out.splitlines()
    assert "still run" in lines
    summary = lines[lines.index("== summary") + 1 :]
    assert [re.sub(r" +[\d.]* s? *", " ", line) for line in summary] == [
        "FAILED the first", "passed the second", "skipped the third: not on this machine"
    ]  # fmt: skip


def test_run_steps_forgives_no_tests_only_where_some_were_asked_for():
    nothing_ran = [sys.executable, "-c", "raise SystemExit(5)"]

    assert checks.run_steps([checks.Step("all", nothing_ran)]) == 1
    assert checks.run_steps([checks.Step("some", nothing_ran, may_be_empty=True)]) == 0


def test_run_steps_leaves_the_sites_own_database_alone(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://the-real-one")
    look = "import os; raise SystemExit('DATABASE_URL' in os.environ)"

    assert checks.run_steps([checks.Step("tests", [sys.executable, "-c", look])]) == 0


def test_steps_of_tests_skip_the_journeys_aloud_without_a_chromium(monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")

    journeys = checks.steps_of_tests()[-1]

    assert not journeys.command
    assert journeys.why.startswith("no Chromium here")


MARKERS = ("engine", "journeys", "slow", "smoke", "soak", "thorough")


@pytest.mark.parametrize(
    "marked", [*chain.from_iterable(combinations(MARKERS, n) for n in range(len(MARKERS) + 1))]
)
def test_what_test_leaves_out_check_runs(marked):
    """But what takes so long that it is run by hand."""

    def where(selection):
        return {
            step
            for step, markers in selection.items()
            if Expression.compile(markers).evaluate(lambda name, **_: name in marked)
        }

    everyday, everything = where(checks.EVERY_DAY), where(checks.EVERYTHING)

    if "soak" in marked:
        assert everything == set()
    elif "journeys" in marked:
        assert everything == {"Chromium"}
    else:
        assert everything == {"SQLite", "PostgreSQL"}
    assert everyday <= everything


def test_steps_of_tests_run_everything_that_was_asked_for_by_name(monkeypatch):
    ran = []
    monkeypatch.setattr(checks, "install", lambda requirements: None)
    monkeypatch.setattr(checks, "run_steps", lambda steps: ran.append(steps) or 0)

    checks.test(Namespace(rest=["tests/review"]))
    checks.test(Namespace(rest=[]))

    asked, everyday = ([" ".join(step.command) for step in steps] for steps in ran)
    assert all(command.endswith("tests/review") for command in asked if command)
    assert not [command for command in asked if "thorough" in command or "smoke" in command]
    assert "not thorough" in everyday[0]
    assert "not slow" in everyday[0]
    assert "engine" in everyday[1]


# The whole -------------------------------------------------------------------------------------


def run_until_it_serves(command, env) -> tuple[subprocess.Popen, str]:
    """Start it; everything it printed until it said how to stop it."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    said = ""
    for line in process.stdout:
        said += line
        if "To stop" in line:
            break
    return process, said


@pytest.mark.slow
def test_start_serves_stops_and_serves_again(surroundings, tmp_path):
    venv = Path(sys.prefix)
    if not (venv / ".installed").exists() or venv != ROOT / ".venv":
        pytest.skip("the environment was not made by start.py")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        env = {**surroundings, "DEMO": "off", "DATA_DIR": str(tmp_path / "the data")}
        command = [sys.executable, str(ROOT / "start.py"), "--port", str(wanted)]

        for expected in ("Bringing the database up to date", ""):
            process, said = run_until_it_serves(command, env)
            try:
                address = re.search(r"The site: +(\S+)", said)[1]
                with urllib.request.urlopen(address, timeout=30) as answer:
                    assert answer.status == 200
            finally:
                process.send_signal(signal.SIGINT)
                rest, _ = process.communicate(timeout=30)
            assert f"Port {wanted} is in use; taking " in said
            assert expected in said
            assert ("Bringing" in said) == bool(expected)
            assert process.returncode == 0
            assert "Stopped." in rest
            with pytest.raises(OSError, match="refused"):
                urllib.request.urlopen(address, timeout=30)

    files = {path.name for path in (tmp_path / "the data").iterdir()}
    assert {"db.sqlite3", "secret-key", "static"} <= files
