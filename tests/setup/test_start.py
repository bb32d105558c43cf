"""start.py on machines that are not as one would like them."""

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def start(tmp_path, monkeypatch):
    """start.py as a module whose environment is in a folder with a space in its name."""
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / "a folder" / ".venv"
    venv.parent.mkdir()
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "PYTHON", venv / "bin" / "python")
    return module


def python_that_refuses(folder: Path, *refused: str) -> str:
    """A Python that fails when one of its arguments is in ``refused``."""
    script = folder / "python-that-refuses"
    tests = " || ".join(f'[ "$argument" = "{word}" ]' for word in refused)
    script.write_text(
        f'#!/bin/sh\nfor argument in "$@"; do if {tests}; then exit 1; fi; done\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    script.chmod(0o755)
    return str(script)


def test_make_environment_makes_one_that_works(start):
    start.make_environment()

    assert start._works("pip")


def test_make_environment_makes_a_broken_one_anew(start):
    start.PYTHON.parent.mkdir(parents=True)
    start.PYTHON.write_text("half made")
    start.PYTHON.chmod(0o755)

    start.make_environment()

    assert start._works("pip")


def test_make_environment_names_the_package_when_python_has_no_way(start, tmp_path, monkeypatch):
    broken = python_that_refuses(tmp_path, "venv", "virtualenv", "pip")
    monkeypatch.setattr(start.sys, "executable", broken)

    with pytest.raises(start.StartError, match="apt-get install python3-venv"):
        start.make_environment()

    assert not start.VENV.exists()


def test_make_environment_uses_virtualenv_where_venv_fails(start, tmp_path, monkeypatch):
    # A stand-in for virtualenv: a Python whose -m virtualenv does what venv would.
    script = tmp_path / "python-with-virtualenv"
    script.write_text(
        '#!/bin/sh\nif [ "$2" = "venv" ]; then exit 1; fi\n'
        f'if [ "$2" = "virtualenv" ]; then exec "{sys.executable}" -m venv "$4"; fi\nexit 1\n'
    )
    script.chmod(0o755)
    monkeypatch.setattr(start.sys, "executable", str(script))

    start.make_environment()

    assert start._works("pip")


def test_install_with_its_stamp_in_place_asks_for_nothing(start, monkeypatch):
    start.make_environment()
    (start.VENV / ".installed-requirements.txt").write_text(start._stamp("requirements.txt"))
    asked = []
    run = subprocess.run

    def watch(command, **options):
        asked.append([str(word) for word in command])
        return run(command, **options)

    monkeypatch.setattr(start.subprocess, "run", watch)

    start.install("requirements.txt")

    assert not any("pip" in command for command in asked)


def test_install_that_fails_leaves_no_stamp_and_says_what_to_do(start, monkeypatch, tmp_path):
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.txt").write_text("no-such-package-anywhere==0 --hash=sha256:00\n")
    start.make_environment()

    with pytest.raises(start.StartError, match="could not be installed"):
        start.install("requirements.txt")

    assert not (start.VENV / ".installed-requirements.txt").exists()


def test_free_port_takes_the_next_one_and_says_so(start, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert start.free_port("127.0.0.1", port) > port

    assert f"Port {port} is in use" in capsys.readouterr().out


def test_start_refuses_to_be_reached_from_outside_without_allowed_hosts():
    env = {name: value for name, value in os.environ.items() if name != "ALLOWED_HOSTS"}

    result = subprocess.run(
        [sys.executable, str(ROOT / "start.py"), "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )

    assert result.returncode == 1
    assert "ALLOWED_HOSTS" in result.stderr
