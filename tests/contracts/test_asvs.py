"""The list of security requirements is whole, and names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = (ROOT / "docs" / "asvs.md").read_text("utf-8")
# OWASP ASVS 5.0.0: how many requirements of levels 1 and 2 each section begins with.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5,
    "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2,
    "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11,
    "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1,
    "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5,
    "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def test_every_requirement_is_there_once():
    expected = [f"{section}.{n}" for section, many in SECTIONS.items() for n in range(1, many + 1)]
    first = [line.split("|")[1] for line in LIST.splitlines() if re.match(r"\| \d", line)]
    listed = [number for cell in first for number in re.findall(r"\d+\.\d+\.\d+", cell)]

    assert len(expected) == 253
    assert sorted(listed) == sorted(expected)


def test_every_test_that_is_named_is_there():
    named = set(re.findall(r"`(tests/[\w/]+\.\w+)`", LIST))
    assert len(named) > 30
    assert not [path for path in named if not (ROOT / path).is_file()]
