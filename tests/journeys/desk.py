"""How a person comes to the desk."""

from playwright.sync_api import Page, expect

from tests.factories import PASSWORD

# The choice of a writer who types Markdown, kept in their browser.
WRITES_MARKDOWN = """
  if (location.protocol.startsWith("http")) localStorage.setItem("portal-writes-markdown", "yes");
"""


def sign_in(page: Page, site: str, username: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/admin/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(
        page.get_by_role("link", name="Log out").or_(page.get_by_role("button", name="Log out"))
    ).to_be_visible()
