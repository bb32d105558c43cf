"""
How a page comes to a phone: Lighthouse's performance, the weight of a first view, layout shift.

    python benchmarks/reading.py [--write FILE]

A demonstration site made for it, Lighthouse as ``tests/web/package.json`` pins it (mobile, with its
own slow network and processor), Debian's Chromium. The weight is what a phone receives: compressed,
without fonts.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import demonstration  # noqa: E402
from start import chromium  # noqa: E402

PAGES = {
    "Home": "/",
    "Article": "/articles/is-stem-cell-therapy-feasible/",
    "Comparison": "/articles/stem-cells-or-fspr/",
    "Search": "/search/?q=rhizotomies",
    "Evidence library": "/evidence/",
    "Evidence map": "/outcomes/",
}
LEAST_SCORE = 98
MOST_KB = 60
RUNS = 3
TRIES = 5


def asked(address: str) -> dict[str, Any]:
    """Lighthouse's report of one visit to a page."""
    node, browser = shutil.which("node"), chromium()
    lighthouse = ROOT / "tests" / "web" / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not node or not browser or not lighthouse.exists():
        sys.exit("This needs Node, Chromium, and `npm ci` in tests/web.")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = f"--headless=new --disable-gpu{' --no-sandbox' if root else ''}"
    surroundings = os.environ | {"CHROME_PATH": browser}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            node, str(lighthouse), address, "--quiet", "--output=json", f"--output-path={report}",
            "--only-categories=performance", f"--chrome-flags={flags}",
        ]  # fmt: skip
        # Chromium's trace lacks its beginning now and then; such a visit tells nothing.
        for _ in range(TRIES):
            if not subprocess.run(command, check=False, env=surroundings).returncode:
                break
        told: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return told


def visited(address: str) -> tuple[int, float, float, float]:
    """Score, kB without fonts, layout shift, seconds to the largest part: the median visit."""
    reports = sorted(
        (asked(address) for _ in range(RUNS)),
        key=lambda report: report["categories"]["performance"]["score"],
    )
    report = reports[RUNS // 2]
    audits = report["audits"]
    sent = sum(
        part["transferSize"]
        for part in audits["network-requests"]["details"]["items"]
        if part["resourceType"] != "Font"
    )
    return (
        round(100 * report["categories"]["performance"]["score"]),
        sent / 1000,
        audits["cumulative-layout-shift"]["numericValue"],
        audits["largest-contentful-paint"]["numericValue"] / 1000,
    )


def main() -> None:
    """Measure every page and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    lines = [
        f"Median of {RUNS} visits; asked: {LEAST_SCORE} or more, {MOST_KB} kB or less, no shift.",
        "",
        "| page | performance | kB without fonts | layout shift | largest part |",
        "|---|---|---|---|---|",
    ]
    with demonstration() as site:
        for name, path in PAGES.items():
            score, weight, shift, largest = visited(site + path)
            lines.append(f"| {name} | {score} | {weight:.1f} | {shift:.3f} | {largest:.1f} s |")
            print(lines[-1], flush=True)
    text = "\n".join(lines) + "\n"
    print(text)
    if options.write:
        options.write.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
