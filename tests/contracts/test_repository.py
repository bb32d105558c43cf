"""What the repository says of itself is true, and it speaks of the project alone."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOMEBODYS_FOLDER = re.compile(
    r"(?<![\w.~])/(?:home|Users|r[o]ot)/[\w.]|\b[A-Z]:\\Users\\", re.ASCII
)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def tracked_texts() -> list[tuple[str, str]]:
    """Every file that git knows and that is text, with its text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    texts = []
    for name in os.fsdecode(listed.stdout).split("\0"):
        path = ROOT / name
        if name and path.is_file():
            content = path.read_bytes()
            if b"\0" not in content:
                texts.append((name, content.decode("utf-8")))
    return texts


# The requirements ------------------------------------------------------------------------------


def asked_for(name: str) -> dict[str, tuple[str, str]]:
    """Each package of a ``.in`` file: the release it wants, and the reason."""
    lines = [line for line in text_of(name).splitlines() if line and line[0] not in "#-"]
    parts = [
        re.fullmatch(r"([\w.-]+)(?:\[\w+\])?~=([\d.]+)[^#]*(?:# (.*))?", line) for line in lines
    ]
    return {part[1].lower().replace("_", "-"): (part[2], part[3] or "") for part in parts}


def locked(name: str) -> dict[str, str]:
    """Each package of a locked file and its release."""
    return dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==([\w.]+)", text_of(name), re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_requirements_have_a_reason_each_and_are_locked(name):
    pins = locked(f"{name}.txt")
    for package, (wanted, reason) in asked_for(f"{name}.in").items():
        assert reason, package
        head = wanted.split(".")[:-1]
        assert pins[package].split(".")[: len(head)] == head, package


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locked_requirements_have_hashes_and_name_no_source(name):
    pins = re.split(r"\n(?=[\w.-]+(?:\[\w+\])?==)", "\n" + text_of(name))[1:]

    assert len(pins) == len(locked(name))
    assert all("--hash=sha256:" in pin for pin in pins)
    assert "://" not in text_of(name)
    assert "-index" not in text_of(name)


def test_requirements_for_work_hold_those_for_running():
    assert locked("requirements.txt").items() <= locked("requirements-dev.txt").items()


# The README ------------------------------------------------------------------------------------


def test_settings_are_listed_each_and_no_other():
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', text_of("portal/settings.py")))
    read |= set(
        re.findall(r'environ\.get\("(\w+)"', text_of("start.py") + text_of("tools/checks.py"))
    )
    table = text_of("docs/settings.md")
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]

    assert set(re.findall(r"`([A-Z_]+)`", "".join(rows))) == read


def test_readme_names_only_commands_that_exist():
    commands = set(re.findall(r'"(\w+)": \1\b', text_of("start.py") + text_of("tools/checks.py")))
    assert {"serve", "test", "check"} <= commands
    readme = text_of("README.md")

    assert set(re.findall(r"start\.py (\w+)", readme)) <= commands
    folder = ROOT / "education" / "management" / "commands"
    ours = {path.stem for path in folder.glob("[!_]*.py")}
    django = {"migrate", "collectstatic", "check", "createsuperuser"}
    assert set(re.findall(r"manage\.py (\w+)", readme)) <= ours | django


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/glossary.md"])
def test_what_a_page_names_in_the_code_is_there(name):
    """Files and folders between backticks, and names in a module: ``package.module.name``."""
    quoted = re.findall(r"`([^`\s]+)`", text_of(name))
    files = [path for path in quoted if re.fullmatch(r"[\w.-]+/[\w./-]*", path)]
    dotted = [path for path in quoted if re.fullmatch(r"[a-z_]+(?:\.\w+)+", path)]
    names = [path for path in dotted if (ROOT / "education" / path.split(".")[0]).is_dir()]
    places = (ROOT, ROOT / "education", ROOT / "education" / "evidence")

    assert len(files) > 3
    assert [path for path in files if not any((place / path).exists() for place in places)] == []
    assert [path for path in names if not _is_defined(*path.split("."))] == []


def _is_defined(package: str, *names: str) -> bool:
    """Whether a module of a package, or its models, defines the last name."""
    folder = ROOT / "education" / package
    module = folder / f"{names[0]}.py"
    text = (module if module.exists() else folder / "models.py").read_text("utf-8")
    return (len(names) == 1 and module.exists()) or bool(re.search(rf"\b{names[-1]}\b", text))


@pytest.mark.parametrize(
    "name",
    [
        "CONTRIBUTING.md",
        "README.md",
        *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
    ],
)
def test_links_of_a_page_lead_to_files(name):
    folder = (ROOT / name).parent
    links = re.findall(r"(?<!!)\[[^]]*\]\((?![a-z]+:|#|/)([^)#\s]+)", text_of(name))

    assert [link for link in links if not (folder / link).exists()] == []


# Every file ------------------------------------------------------------------------------------


def test_no_file_names_a_folder_of_somebodys_machine():
    here = [str(place) for place in (ROOT, Path.home()) if len(place.parts) > 2]
    found = [
        name
        for name, text in tracked_texts()
        if SOMEBODYS_FOLDER.search(text) or any(place in text for place in here)
    ]

    assert found == []


def test_no_file_is_left_half_merged_or_half_written():
    marks = re.compile(
        r"^(?:<{7} |>{7} |={7}$)|\bFIX[M]E\b|\bTO[D]O\b|[Ll]orem\sipsum", re.MULTILINE
    )
    found = [name for name, text in tracked_texts() if marks.search(text)]

    assert found == []
