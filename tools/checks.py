"""What ``start.py`` does beside serving: tests, checks, repairs and the lists of requirements."""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from start import BIN, LICENCES, OLDEST, PYTHON, ROOT, RUN, WORK, StartError, install

NO_TESTS = 5  # pytest's exit code when its arguments select none
# Which tests run where, in pytest's markers (pyproject.toml): in ``check``, and in ``test``.
EVERYTHING = {
    "SQLite": "not journeys and not soak",
    "PostgreSQL": "not journeys and not soak",
    "Chromium": "journeys and not soak",
}
LEFT_OUT = "not soak and not slow and not thorough"
EVERY_DAY = {
    "SQLite": f"not journeys and {LEFT_OUT}",
    "PostgreSQL": f"engine and not journeys and {LEFT_OUT}",
    "Chromium": f"journeys and smoke and {LEFT_OUT}",
}


class Step(NamedTuple):
    """One of the commands that ``test`` and ``check`` run; without a command, why it is skipped."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = {}
    why: str = ""
    may_be_empty: bool = False


def test(options: argparse.Namespace) -> int:
    """
    Install what tests need and run the tests of every day, or all that pytest's arguments select.

    What is left out (``EVERY_DAY``) runs in ``check``.
    """
    install(WORK)
    return run_steps(steps_of_tests(options.rest, everything=bool(options.rest)))


def steps_of_tests(
    rest: Sequence[str] = (), coverage: Sequence[str] = (), *, everything: bool = True
) -> list[Step]:
    """
    The suite on SQLite, again on PostgreSQL, and the journeys in a browser.

    What is covered is counted on SQLite alone, since counting costs a third of the time.
    """
    cores = str(min(os.cpu_count() or 1, 8))
    # Workers take tests from each other: with whole files, one would be left with the longest.
    pytest = [str(PYTHON), "-m", "pytest", "-n", cores, "--dist=worksteal"]
    select = EVERYTHING if everything else EVERY_DAY
    if not everything:
        pytest += ["--hypothesis-profile=few"]  # tests/conftest.py
    some = bool(rest)
    return [
        Step(
            "tests on SQLite",
            [*pytest, "-m", select["SQLite"], *coverage, *rest],
            may_be_empty=some,
        ),
        Step(
            "tests on PostgreSQL",
            # start.py itself meets no database
            [*pytest, "-m", select["PostgreSQL"], "--ignore=tests/setup", *rest],
            {"TEST_DATABASE": "postgresql"},
            may_be_empty=some,
        ),
        Step(
            "journeys in Chromium",
            [*pytest, "-m", select["Chromium"], *rest],
            may_be_empty=some,
        )
        if chromium()
        else Step("journeys in Chromium", (), why="no Chromium here; apt-get install chromium"),
    ]


def chromium() -> str | None:
    """The Chromium to drive, if this machine has one; ``tests/conftest.py`` looks likewise."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def check(_options: argparse.Namespace) -> int:
    """Everything that must be green before a change lands."""
    install(WORK)
    python = str(PYTHON)
    contracts = "from importlinter.cli import lint_imports_command as check; check()"
    coverage = [python, "-m", "coverage"]
    with tempfile.TemporaryDirectory() as folder:
        nothing_set = {"DATA_DIR": folder}
        steps = [
            Step("formatting", [python, "-m", "ruff", "format", "--check", "--diff", "."]),
            Step("lint", [python, "-m", "ruff", "check", "."]),
            Step("template syntax", [str(BIN / "djade"), "--check", *templates()]),
            Step("template indentation", [*djhtml(), "--check", *templates()]),
            Step("types", [python, "-m", "mypy"]),
            Step("import contracts", [python, "-c", contracts, "--no-cache"]),
            Step(
                "migrations",
                [python, "manage.py", "makemigrations", "--check", "--dry-run"],
                nothing_set,
            ),
            Step(
                "deployment",
                [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
                {**nothing_set, **a_deployment()},
            ),
            Step("coverage begins", [*coverage, "erase"]),
            *steps_of_tests(coverage=["--cov", "--cov-append", "--cov-report="]),
            Step("coverage", [*coverage, "report", "--skip-covered"]),
        ]
        return run_steps(steps)


# What ``check --deploy`` asks a publisher to say (education.publisher).
ASKED_OF_PUBLISHERS = (
    "PUBLISHER_ADDRESS", "CONTACT_EMAIL", "RESPONSIBLE_PERSON", "FUNDING_STATEMENT",
    "ADVERTISING_STATEMENT", "EMERGENCY_NUMBER", "ACCESSIBILITY_STATEMENT",
    "ACCESSIBILITY_COMPLAINTS", "DATA_CONTROLLER", "DATA_LEGAL_BASIS", "DATA_COMPLAINTS",
)  # fmt: skip


def a_deployment() -> dict[str, str]:
    """Settings as a real site would set them, for ``check --deploy``."""
    return {
        "DEBUG": "off",
        "DEMO": "off",
        "HTTPS": "on",
        "ALLOWED_HOSTS": "example.org",
        "SITE_URL": "https://example.org",
        "PUBLISHER_NAME": "The publisher",
        "EMAIL_URL": "smtp://localhost:25",
        "SECRET_KEY": hashlib.sha512(b"only for the check").hexdigest(),
        **dict.fromkeys(ASKED_OF_PUBLISHERS, "The publisher says this."),
    }


def templates() -> list[str]:
    """Every template, for the tools that want them by name."""
    return [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]


def djhtml() -> list[str]:
    """The tool that indents templates."""
    return [str(PYTHON), "-m", "djhtml", "--tabwidth", "2"]


def fix(_options: argparse.Namespace) -> int:
    """Repair what a machine can."""
    install(WORK)
    ruff = [str(PYTHON), "-m", "ruff"]
    for command in (
        [*ruff, "check", "--fix", "--quiet", "."],
        [*ruff, "format", "--quiet", "."],
        [*djhtml(), *templates()],
        [str(BIN / "djade"), *templates()],
    ):
        subprocess.run(command, check=False)
    return 0


def soak(options: argparse.Namespace) -> int:
    """The long tests; their result belongs in the note of whoever runs them."""
    install(WORK)
    command = [str(PYTHON), "-m", "pytest", "-m", "soak", *options.rest]
    return run_steps([Step("soak", command, may_be_empty=True)])


def lock(options: argparse.Namespace) -> int:
    """Pin every requirement with its hashes, for all systems and Python versions we run on."""
    install(WORK)
    uv = [
        str(PYTHON), "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes",
        "--no-header", "--python-version", "{}.{}".format(*OLDEST),
        # An older pip takes "name[extra]" for another package and would want the newest of it.
        "--no-strip-extras", *options.rest,
    ]  # fmt: skip
    names = [name.removesuffix(".txt") for name in (RUN, WORK)]
    code = run_steps(
        [
            Step(f"lock {name}", [*uv, f"{name}.in", "--output-file", f"{name}.txt"])
            for name in names
        ]
    )
    if code:
        return code
    install(WORK)
    parts = re.findall(r"^([\w-]+)(?:\[\w+\])?==", (ROOT / RUN).read_text("utf-8"), re.MULTILINE)
    licences = [
        str(PYTHON), "-m", "piplicenses", "--from=mixed", "--format=markdown", "--order=name",
        f"--output-file={LICENCES}", "--packages", *parts,
    ]  # fmt: skip
    return run_steps(
        [
            Step("list the licences", licences),
            Step("list the editor's", [str(PYTHON), "tools/editor_vendor.py"]),
        ]
    )


def sbom(options: argparse.Namespace) -> int:
    """Write the parts a site runs on, with versions and hashes, for scanners."""
    if len(options.rest) != 1:
        raise StartError("Say where to: python3 start.py sbom FILE")
    install(WORK)
    command = [
        str(PYTHON), "-m", "cyclonedx_py", "requirements", RUN, "--output-reproducible",
        "--output-file", options.rest[0],
    ]  # fmt: skip
    return run_steps([Step("parts", command)])


def run_steps(steps: Sequence[Step]) -> int:
    """Run every step, even after one failed, and sum up; 0 when none failed."""
    surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    lines, failed = [], False
    for name, command, env, why, may_be_empty in steps:
        if not command:
            lines.append(f"skipped            {name}: {why}")
            continue
        print(f"\n== {name}", flush=True)
        begun = time.monotonic()
        code = subprocess.run(command, env={**surroundings, **env}, check=False).returncode
        passed = code == 0 or (code == NO_TESTS and may_be_empty)
        failed = failed or not passed
        seconds = time.monotonic() - begun
        lines.append(f"{'passed' if passed else 'FAILED'}  {seconds:7.1f} s  {name}")
    print("\n== summary", *lines, sep="\n", flush=True)
    return 1 if failed else 0


COMMANDS = {
    "test": test, "check": check, "fix": fix, "lock": lock, "sbom": sbom, "soak": soak,
}  # fmt: skip
