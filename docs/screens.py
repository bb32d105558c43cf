"""
Pictures of every kind of page, on a phone and on a desk, from a demonstration made for them.

    python docs/screens.py [NAME ...]       # all, or those named

Needs Chromium and what ``start.py test`` installs. Writes ``docs/screens/`` and its page
``docs/screens.md``.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.demonstration import PASSWORD, demonstration  # noqa: E402
from tools.checks import chromium  # noqa: E402

FOLDER = ROOT / "docs" / "screens"
# Width and height of the window, and how much of that the picture keeps.
SIZES = {"phone": (390, 844, 1.0), "desk": (1280, 900, 0.625)}
TALLEST = 1800

# What each is called, and where it is; "@person" signs in at the desk, "#words" follows a link.
READERS = {
    "Home": "/",
    "Topics": "/topics/",
    "Topic": "/topics/stem-cell-therapy/",
    "Article": "/articles/is-stem-cell-therapy-feasible/",
    "Children like mine": "/articles/what-stem-cell-studies-found/?age=4-5&gmfcs=2",
    "Comparison": "/articles/stem-cells-or-fspr/?option=stem-cells&option=fspr#grid",
    "Claim checks": "/claims/",
    "Claim check": "/claims/any-dividing-cell-can-form-a-tumour/",
    "Evidence library": "/evidence/?topic=stem-cell-therapy",
    "Evidence item": "/evidence/sun2017/",
    "Evidence map": "/outcomes/",
    "Outcome": "/outcomes/movement/",
    "Words explained": "/glossary/",
    "Search": "/search/?q=rhizotomies",
    "Versions": "/articles/before-you-pay/versions/",
    "Changes": "/articles/before-you-pay/changes/1-2/",
    "Handouts": "/handouts/",
    "Handout": "/handouts/is-stem-cell-therapy-feasible/",
    "Check a copy": "/check/",
    "How we review": "/how-we-review/",
    "People": "/people/",
    "Corrections": "/corrections/",
    "About": "/about/",
    "Privacy": "/privacy/",
    "Report a problem": "/reports/about/before-you-pay/",
    "Was it clear": "/reports/clear/before-you-pay/?thanks=no",
    "Record systems": "/api/v1/",
    "Page not found": "/articles/stem-cell/",
}
DESK = {
    "My work": ("demo-editor-in-chief", "/admin/", ""),
    "Writing": ("demo-writer", "/admin/", r"/revision/\d+/change/$"),
    "Reviewing": ("demo-neurology", "/admin/", r"/revision/\d+/review/$"),
    "Publishing": ("demo-editor-in-chief", "/admin/", r"/revision/\d+/publish/$"),
    "A report": ("demo-editor-in-chief", "/admin/", r"/report/\d+/change/$"),
    "Your account": ("demo-writer", "/admin/account/", ""),
    "How the site is": ("demo-auditor", "/admin/status/", ""),
    "A clinic's desk": ("demo-clinic", "/clinic/", ""),
}


def file_of(name: str, size: str) -> Path:
    """Where a picture lies."""
    return FOLDER / f"{re.sub(r'[^a-z]+', '-', name.lower())}-{size}.jpg"


def picture(page: Page, name: str, size: str) -> None:
    """Take it as readers see it first, and down to a height that still tells something."""
    width, least, _ = SIZES[size]
    height = page.evaluate("document.documentElement.scrollHeight")
    page.screenshot(
        path=file_of(name, size),
        type="jpeg",
        quality=50,
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": max(least, min(height, TALLEST))},
    )


def take(browser: Browser, site: str, wanted: set[str]) -> None:
    """Every picture that is wanted."""
    for size, (width, height, scale) in SIZES.items():
        window: dict[str, Any] = {
            "viewport": {"width": width, "height": height},
            "device_scale_factor": scale,
        }
        page = browser.new_page(**window)
        for name, path in READERS.items():
            if name in wanted:
                page.goto(site + path)
                picture(page, name, size)
                print(f"{name}, {size}")
        page.close()
        for name, (person, path, link) in DESK.items():
            if name not in wanted:
                continue
            context = browser.new_context(**window)
            page = context.new_page()
            page.goto(site + path)
            page.get_by_label("Username").fill(person)
            page.get_by_label("Password").fill(PASSWORD)
            with page.expect_navigation():
                page.keyboard.press("Enter")
            if link:
                addresses = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
                page.goto(next(address for address in addresses if re.search(link, address)))
                page.wait_for_load_state("networkidle")
            picture(page, name, size)
            print(f"{name}, {size}")
            context.close()


def write_page() -> None:
    """The page that shows them all."""
    lines = ["# Every kind of page", "", "Made by `python docs/screens.py` from the demonstration."]
    for heading, names in (("For readers", READERS), ("For editors and clinics", DESK)):
        lines += ["", f"## {heading}"]
        for name in names:
            phone, desk = (file_of(name, size).relative_to(ROOT / "docs") for size in SIZES)
            lines += ["", f"### {name}", ""]
            lines.append(f'<img src="{phone}" alt="{name} on a phone" width="195">')
            lines.append(f'<img src="{desk}" alt="{name} on a desk" width="560">')
    (ROOT / "docs" / "screens.md").write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    """Take the pictures named on the command line, or all."""
    wanted = set(sys.argv[1:]) or {*READERS, *DESK}
    FOLDER.mkdir(exist_ok=True)
    with demonstration() as site, sync_playwright() as driver:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = driver.chromium.launch(
            executable_path=chromium(), args=["--disable-gpu", *(["--no-sandbox"] if root else [])]
        )
        take(browser, site, wanted)
        browser.close()
    write_page()


if __name__ == "__main__":
    main()
