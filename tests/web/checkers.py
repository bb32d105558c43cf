"""What the checkers of others say of pages."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page, *rules: str, preload: bool = True) -> list[tuple[str, str]]:
    """
    What axe-core finds on the page a browser shows: each rule, with the first piece.

    ``rules``: those to try, by their names; all by default. ``preload`` lets it read the style
    sheets; it takes those that another imports from the wrong place, and so misreads Django's
    admin.
    """
    options = {"runOnly": list(rules) or RULES, "preload": preload}
    found = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in found]


def html_errors(packages: Path, pages: Iterable[Path]) -> list[tuple[str, str, str]]:
    """What the Nu HTML checker calls an error: the file's name, the message, the piece."""
    java = shutil.which("java")
    if not java:
        pytest.skip("no Java here; apt-get install default-jre-headless")
    jar = packages / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = [java, "-jar", str(jar), "--format", "json", "--exit-zero-always"]
    said = subprocess.run(
        [*command, *map(str, pages)], capture_output=True, text=True, check=True
    ).stderr
    return [
        (Path(message["url"]).name, message["message"], message.get("extract", ""))
        for message in json.loads(said)["messages"]
        if message["type"] == "error"
    ]
