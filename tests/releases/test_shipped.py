"""A site that has been running since a release takes in what ships now, by commands and people."""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.releases.selection import older_marked_thorough

ROOT = Path(__file__).resolve().parents[2]
KEPT = sorted(Path(__file__).parent.glob("*.json.xz"))
OLDEST_AND_NEWEST = [KEPT[0], KEPT[-1]]
WRONG = "No stem cell product is approved in the USA for any condition of the nervous system."
OWN_WORDS = "Our clinic added this sentence."


def wrong(work: dict[str, list[str]]) -> str:
    return "\n".join(work.get("Known to be wrong", []))


@pytest.mark.slow
@pytest.mark.parametrize(
    "file",
    older_marked_thorough(OLDEST_AND_NEWEST),
    ids=lambda file: file.name.removesuffix(".json.xz"),
)
def test_a_running_site_takes_in_what_ships_without_loss(file, empty_database):
    env = {
        **os.environ,
        "DATABASE_URL": empty_database,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-m", "tests.releases.shipped", str(file)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])

    # What was there is as it was, and nothing became public.
    assert told["touched"] == []
    assert told["published by it"] == 0
    # Each article is told; a second run does nothing.
    articles = "\n".join(told["articles"])
    assert re.search(r"draft  before-you-pay: .* r3 is the new", articles)
    assert "kept   what-stem-cell-studies-found: its text was changed here" in articles
    assert "kept   standard-care-for-spasticity: standard-care-for-spasticity r2 is app" in articles
    assert "draft  stored-cord-blood" in told["articles"]
    assert told["events of the second run"] == 0
    assert not any(line.startswith(("draft", "entered ")) for line in told["again"])
    # A work under another key is not entered again; texts cite the key it has here.
    assert "skipped  beijing2015: the work is here as ourkey2015" in told["evidence"]
    assert "after-rhizotomy" in told["cites the key here"]
    # The desk lists pages with statements known to be wrong, until a version without is public.
    assert WRONG in wrong(told["work"])
    assert "docs/audit-of-text.md: 1, 10, 11" in wrong(told["work"])
    paid = "How can we judge a clinic before we pay?"
    assert paid in wrong(told["work"])
    assert paid not in wrong(told["work after publishing"])
    assert WRONG in wrong(told["work after publishing"])
    # Where an editor changed the text both are shown, and a person may begin with the shipped one.
    assert "Compare what-stem-cell-studies-found" in told["list"]
    shown = html.unescape(told["compare"])
    assert OWN_WORDS in "".join(re.findall(r"<del>(.*?)</del>", shown, re.DOTALL))
    assert "Known to be wrong on the public page" in shown
    assert told["begun"] == [302, "what-stem-cell-studies-found r3", "demo-writer"]
    assert not told["own words in it"]
    # Corrections wait for people, field by field; what they left alone stays verified.
    assert told["work"]["Evidence to look through"]
    assert {"DOI", "PMID", "custom.finding"} <= set(told["proposed"]["sun2022"])
    assert told["confirmed"] == [302, "10.1111/dmcn.15325"]
    assert told["waits for verification"]
    assert told["left verified"]
    assert not any(line.startswith("differs") for line in told["after confirming"])
