"""What docs/deploy has systemd run is there, and docs/operate.md names all of it."""

import json
import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class
from django.utils.module_loading import import_module
from gunicorn.config import Config

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "operate.md").read_text("utf-8")
TIMERS = sorted((DOCS / "deploy").glob("*.timer"))


def unit(path: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.read_string(path.read_text("utf-8"))
    return parser


def started(timer: Path) -> list[str]:
    """The command and its arguments that a timer ends up running."""
    name = unit(timer).get("Timer", "Unit", fallback=f"{timer.stem}.service")
    template, _, instance = name.removesuffix(".service").partition("@")
    service = timer.with_name(f"{template}@.service" if instance else name)
    line = unit(service)["Service"]["ExecStart"].replace("%i", instance)
    return shlex.split(line.removeprefix("/srv/portal/.venv/bin/python manage.py "))


def understood(command: str, *arguments: str) -> None:
    """Fail where there is no such command, or it takes no such arguments."""
    load_command_class(get_commands()[command], command).create_parser(
        "manage.py", command
    ).parse_args(list(arguments))


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.stem)
def test_each_timer_runs_a_command_that_is_there_and_stands_in_the_page(timer):
    words = started(timer)
    understood(*words)
    assert f"| `{timer.stem}` | `{' '.join(words)}`" in PAGE


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_each_unit_without_a_word(tmp_path):
    """No option that it does not know, no timer without its service, no date it can't read."""
    for path in [*(DOCS / "deploy").glob("*.service"), *TIMERS]:
        text = path.read_text("utf-8")
        text = re.sub(r"/srv/portal/\.venv/bin/\w+", "/bin/true", text)  # it must be there
        (tmp_path / path.name).write_text(text, "utf-8")
    units = sorted(path for path in tmp_path.iterdir() if "@" not in path.name)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_site_starts_with_options_its_server_knows():
    service = unit(DOCS / "deploy" / "portal.service")["Service"]
    _, manage, *check = shlex.split(service["ExecStartPre"])
    program, *options = shlex.split(service["ExecStart"])

    assert manage == "manage.py"
    understood(*check)
    assert program.endswith("/.venv/bin/gunicorn")
    (module,) = Config().parser().parse_args(options).args
    assert callable(import_module(module).application)


def test_containers_run_what_the_timers_run():
    text = (DOCS / "deploy" / "timers").read_text("utf-8")
    table = text.partition("<<'END'\n")[2].partition("\nEND\n")[0]
    assert sorted(line.split()[1:] for line in table.splitlines()) == sorted(map(started, TIMERS))


def test_containers_of_the_portal_are_not_root_and_wait_for_its_database():
    services = yaml.safe_load((DOCS.parent / "compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"database", "prepare", "portal", "timers", "web"}
    assert "ports" not in services["portal"]  # BEHIND_PROXY trusts whoever reaches it
    container = (DOCS.parent / "Containerfile").read_text("utf-8")
    assert "USER portal\n" in container
    module, *_ = reversed(json.loads(container.rpartition("\nCMD ")[2]))
    assert module == "portal.wsgi"
    assert services["portal"]["depends_on"] == {
        "prepare": {"condition": "service_completed_successfully"}
    }
