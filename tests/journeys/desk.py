"""How a person comes to the desk."""

from playwright.sync_api import Page, expect

from tests.factories import PASSWORD
from tests.web.checkers import violations

# The choice of a writer who types Markdown, kept in their browser.
WRITES_MARKDOWN = """
  if (location.protocol.startsWith("http")) localStorage.setItem("portal-writes-markdown", "yes");
"""

WIDTHS, SCHEMES = (320, 768, 1440), ("light", "dark")
# What Django's own templates bring, and we leave as it is: the empty head of a column of links in a
# table of parts, and the tooltips of its widget for choosing many.
STOCK = ('<th class="original"></th>', '<span class="help-tooltip search-label-icon"')


def desk_violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds on a page of the desk: (rule, element)."""
    found = violations(page, preload=False)
    return [(rule, element) for rule, element in found if not element.startswith(STOCK)]


def problems_at_all_widths(page: Page) -> list[tuple[object, ...]]:
    """What is too wide or inaccessible on an open page of the desk: where, and what."""
    problems: list[tuple[object, ...]] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        widest = page.evaluate("document.documentElement.scrollWidth")
        if widest > width:
            problems.append((width, f"{widest} wide"))
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            problems += [(width, scheme, *violation) for violation in desk_violations(page)]
    return problems


def sign_in(page: Page, site: str, username: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/admin/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(
        page.get_by_role("link", name="Log out").or_(page.get_by_role("button", name="Log out"))
    ).to_be_visible()
