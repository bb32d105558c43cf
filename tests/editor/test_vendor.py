"""The file of packages is built from the versions that are locked, and no reader loads it."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.editor_vendor import BUILT, FRONTEND, LIST, packages

ROOT = Path(__file__).resolve().parents[2]


def test_the_built_file_has_the_hash_beside_it():
    digest, name = BUILT.with_name("editor-vendor.js.sha256").read_text("utf-8").split()
    assert name == BUILT.name
    assert hashlib.sha256(BUILT.read_bytes()).hexdigest() == digest


def test_the_built_file_runs_under_our_policy():
    assert not re.search(r"\beval\(|new Function", BUILT.read_text("utf-8"))


@pytest.mark.slow
def test_a_build_from_the_lock_gives_the_same_bytes(tmp_path):
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("no Node here; apt-get install npm")
    folder = tmp_path / "frontend"
    folder.mkdir()
    for name in ("package.json", "package-lock.json", "build.js", "vendor.js", "no-linkify.js"):
        shutil.copy(FRONTEND / name, folder)
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm can't fetch the packages here: {done.stderr.strip()[-200:]}")
    build = [npm, "run", "build", "--ignore-scripts"]  # what stands beside it is not written
    subprocess.run(build, cwd=folder, capture_output=True, text=True, check=True)
    again = tmp_path / "education" / "static" / "education" / "vendor" / BUILT.name
    assert again.read_bytes() == BUILT.read_bytes()


def test_versions_are_exact_and_every_licence_is_listed():
    wanted = json.loads((FRONTEND / "package.json").read_text("utf-8"))
    versions = [*wanted["dependencies"].values(), *wanted["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    rows = set(
        re.findall(r"^\| (\S+) +\| (\S+) +\| (\S+) +\|", LIST.read_text("utf-8"), re.MULTILINE)
    )
    assert set(packages()) <= rows
    texts = BUILT.with_name("LICENSES.txt").read_text("utf-8")
    assert [name for name, version, _ in packages() if f"{name} {version}\n" not in texts] == []


def test_no_page_for_readers_names_the_editor():
    for path in (ROOT / "templates").rglob("*.html"):
        if "admin" not in path.relative_to(ROOT).parts:
            assert "desk/" not in path.read_text("utf-8"), path
