"""What we depend on: nothing with a known fault, every licence known."""

import json
import re
import subprocess
import sys

import pytest

from start import LICENCES, ROOT, RUN

PINNED = re.findall(
    r"^([\w-]+)(?:\[\w+\])?==(\S+)(.*)", (ROOT / RUN).read_text("utf-8"), re.MULTILINE
)


def test_no_dependency_has_a_known_fault(tmp_path):
    report = tmp_path / "report.json"
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / RUN), "--disable-pip",
        "--require-hashes", "--progress-spinner=off", "--timeout=20", "--format=json",
        f"--output={report}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if not report.exists():
        pytest.skip(f"the list of known faults can't be asked: {done.stderr.strip()[-200:]}")
    looked_at = [part for part in json.loads(report.read_text())["dependencies"] if "vulns" in part]
    if not looked_at:
        pytest.skip("the list of known faults can't be asked: it knows none of our dependencies")

    assert {part["name"]: part["vulns"] for part in looked_at if part["vulns"]} == {}


def test_the_licence_of_every_dependency_is_listed():
    listed = (ROOT / LICENCES).read_text("utf-8")
    rows = {
        (name.lower().replace("_", "-"), version): licence
        for name, version, licence in re.findall(
            r"^\| (\S+) +\| (\S+) +\| (.+?) +\|", listed, re.MULTILINE
        )
    }

    everywhere = {(name.lower(), version) for name, version, rest in PINNED if ";" not in rest}
    assert everywhere <= rows.keys()
    assert not [row for row, licence in rows.items() if licence == "UNKNOWN"]
