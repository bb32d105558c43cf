"""
Takes pictures of each page type, on a phone and at a desk, for docs/screens.md.

    python benchmarks/screenshots.py [--site http://127.0.0.1:8000]

Without ``--site``, a demonstration is made, photographed and thrown away.
"""

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from demonstration import demonstration  # noqa: E402

from start import chromium  # noqa: E402

PICTURES = ROOT / "docs" / "screenshots"
QUALITY = 60  # of JPEG: text stays sharp, and all pictures together are about two megabytes
SCREENS = {"phone": (390, 844), "desk": (1280, 900)}
PAGES = {
    "home": ("Home", "/"),
    "topics": ("Topics", "/topics/"),
    "article": ("Article", "/articles/fspr-and-rhizotomy/"),
    "comparison": ("Comparison of options", "/articles/stem-cells-or-fspr/"),
    "versions": ("Versions of an article", "/articles/before-you-pay/versions/"),
    "claims": ("Claim checks", "/claims/"),
    "claim": ("One claim check", "/claims/surgery-has-no-side-effects/"),
    "evidence": ("Evidence library", "/evidence/"),
    "study": ("One study", "/evidence/sun2017/"),
    "outcomes": ("Map of what was found", "/outcomes/"),
    "glossary": ("Words explained", "/glossary/"),
    "search": ("Search, with a typing mistake", "/search/?q=rhizotmy"),
    "nothing-found": ("Search that finds nothing", "/search/?q=zzzz"),
    "handouts": ("Handouts", "/handouts/"),
    "check": ("Is this printed copy still good?", "/check/"),
    "how-we-review": ("How we review", "/how-we-review/"),
    "corrections": ("Corrections and changes", "/corrections/"),
    "not-found": ("A page that is not there", "/articles/rhizotomie/"),
}


def main() -> int:
    """Take every picture and write the page that shows them."""
    parser = argparse.ArgumentParser(description="Take pictures of each page type.")
    parser.add_argument("--site", help="A demonstration that runs already.")
    site = parser.parse_args().site
    PICTURES.mkdir(exist_ok=True)
    with nullcontext(site) if site else demonstration() as address:
        photograph(address.rstrip("/"))
    (ROOT / "docs" / "screens.md").write_text(album(), "utf-8")
    size = sum(path.stat().st_size for path in PICTURES.glob("*.jpg"))
    sys.stdout.write(f"{len(list(PICTURES.glob('*.jpg')))} pictures, {size / 1e6:.1f} MB\n")
    return 0


def photograph(site: str) -> None:
    """Open every page on every screen."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for screen, (width, height) in SCREENS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            for name, (_, path) in PAGES.items():
                page.goto(site + path)
                page.screenshot(
                    path=PICTURES / f"{name}-{screen}.jpg", type="jpeg", quality=QUALITY
                )
        browser.close()


def album() -> str:
    """The page that shows the pictures."""
    lines = [
        "# What readers see",
        "",
        (
            "Each page type of the demonstration at a desk and on a phone. Taken by"
            " `python benchmarks/screenshots.py`."
        ),
    ]
    for name, (title, _) in PAGES.items():
        lines += [
            "",
            f"## {title}",
            "",
            f'<img src="screenshots/{name}-desk.jpg" width="640" alt="{title}, at a desk">',
            f'<img src="screenshots/{name}-phone.jpg" width="200" alt="{title}, on a phone">',
        ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
