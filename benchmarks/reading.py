"""
How a page comes to a phone: Lighthouse's performance, the weight of a first view, layout shift.

    python benchmarks/reading.py [--quick] [--write FILE]

A demonstration site made for it, Lighthouse as ``tests/web/package.json`` pins it (mobile, with its
own slow network and processor), Debian's Chromium. The weight is what a phone receives: compressed,
without fonts.
"""

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

from benchmarks.demonstration import SQLITE, Sites, gunicorn, serving  # noqa: E402
from benchmarks.report import Goal, Part, script, table  # noqa: E402
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
TRIES = 5


def asked(address: str) -> dict[str, Any]:
    """Lighthouse's report of one visit to a page."""
    node, browser = shutil.which("node"), chromium()
    lighthouse = ROOT / "tests" / "web" / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not node or not browser or not lighthouse.exists():
        raise RuntimeError("This needs Node, Chromium, and `npm ci` in tests/web.")
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


def visited(address: str, runs: int) -> tuple[int, float, float, float]:
    """Score, kB without fonts, layout shift, seconds to the largest part: the median visit."""
    reports = sorted(
        (asked(address) for _ in range(runs)),
        key=lambda report: report["categories"]["performance"]["score"],
    )
    report = reports[runs // 2]
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


def reading(made: Sites, *, quick: bool) -> Part:
    """Every page, on a phone."""
    runs = 1 if quick else 3
    with serving(gunicorn(), made.on(SQLITE)) as server:
        visits = {name: visited(server.site + path, runs) for name, path in PAGES.items()}
    rows = [
        [name, str(score), f"{weight:.1f}", f"{shift:.3f}", f"{largest:.1f} s"]
        for name, (score, weight, shift, largest) in visits.items()
    ]
    worst = min(score for score, _, _, _ in visits.values())
    heaviest = max(weight for _, weight, _, _ in visits.values())
    moved = max(shift for _, _, shift, _ in visits.values())
    goals = [
        Goal("Least score", f"at least {LEAST_SCORE}", str(worst), worst >= LEAST_SCORE),
        Goal(
            "Heaviest first view, without fonts", f"at most {MOST_KB} kB", f"{heaviest:.1f} kB",
            heaviest <= MOST_KB,
        ),
        Goal("Layout shift", "0", f"{moved:.3f}", moved == 0),
    ]  # fmt: skip
    head = ["page", "performance", "kB without fonts", "layout shift", "largest part"]
    return Part("On a phone", f"Median of {runs} visits.\n\n{table(head, rows)}", goals)


if __name__ == "__main__":
    sys.exit(script(__doc__, reading))
