"""Pages of another site that use what we give them, in a real browser."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.public.reading import make_comparison

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

QUESTION = "mainSearchCriteria.v.c=G80.1&mainSearchCriteria.v.cs=2.16.840.1.113883.6.90"


@pytest.fixture
def page(browser):
    """A page that may be refused things: that is what is tried here."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def elsewhere(page):
    """Show a page of another site, which has a server of its own."""
    said = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>Elsewhere</title>{said[-1]}".encode())

        def log_message(self, *_):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def show(html=""):
        said.append(html)
        page.goto(f"http://127.0.0.1:{server.server_port}/")

    yield show
    server.shutdown()
    server.server_close()


def test_the_comparison_fits_a_frame_of_320_pixels_and_its_links_lead_on(
    page, elsewhere, live_server, settings
):
    settings.SITE_URL = live_server.url
    slug = make_comparison().slug
    address = f"{live_server.url}/embed/{slug}/"
    elsewhere(f'<iframe src="{address}" width="320" height="800"></iframe>')
    page.wait_for_load_state("networkidle")
    frame = page.frames[1]

    assert frame.evaluate("document.documentElement.scrollWidth") <= 320
    for link in frame.locator("a").all():
        href = link.get_attribute("href")
        if href.startswith("#"):
            assert link.get_attribute("target") == "_self", href
            assert frame.locator(f"[id='{href[1:]}']").count() == 1, href
        else:
            assert href.startswith("http"), href
    frame.locator("a[role=doc-biblioref]").first.click()
    assert page.title() == "Elsewhere"


def test_another_site_reads_our_answers_by_fetch_script_and_frame_and_no_desk(
    page, elsewhere, live_server, settings
):
    settings.SITE_URL = site = live_server.url
    publication = make_comparison()
    publication.topic.codes.create(system="icd10", code="G80.1")
    elsewhere()

    fetched = page.evaluate(
        "address => fetch(address).then(answer => answer.json())",
        f"{site}/connect/?{QUESTION}&knowledgeResponseType=application/json",
    )
    assert fetched["feed"]["entry"][0]["title"]["_value"] == publication.title
    posted = page.evaluate(
        """([address, body]) => fetch(address, {
            method: "POST", body: new URLSearchParams(body), headers: {"Accept": "text/xml"},
        }).then(answer => answer.text())""",
        [f"{site}/connect/", QUESTION],
    )
    assert publication.title in posted
    # A JSON type makes the browser ask first, by OPTIONS.
    asked_first = page.evaluate(
        """address => fetch(address, {
            method: "POST", body: "{}",
            headers: {"Content-Type": "application/json", "Accept": "application/json"},
        }).then(answer => answer.status)""",
        f"{site}/connect/",
    )
    assert asked_first == 200
    scripted = page.evaluate(
        """address => new Promise((done, failed) => {
            window.answer = given => done(given.feed.entry[0].title._value);
            const script = document.createElement("script");
            script.src = address;
            script.onerror = () => failed(new Error("blocked"));
            document.head.append(script);
        })""",
        f"{site}/connect/?{QUESTION}&knowledgeResponseType=application/javascript&callback=answer",
    )
    assert scripted == publication.title
    can_fetch = "address => fetch(address).then(answer => answer.ok, () => false)"
    shared = ("/api/v1/articles/", f"/handouts/{publication.slug}.pdf")
    refused = ("/clinic/sign-in/", "/admin/login/", f"/articles/{publication.slug}/")
    assert [page.evaluate(can_fetch, site + address) for address in shared] == [True, True]
    assert [page.evaluate(can_fetch, site + address) for address in refused] == [False] * 3

    framed = (
        f"/connect/?{QUESTION}&knowledgeResponseType=text/html",
        f"/embed/{publication.slug}/",
    )
    frames = "".join(f'<iframe src="{site}{each}"></iframe>' for each in (*framed, *refused))
    elsewhere(frames.replace("&", "&amp;"))
    page.wait_for_load_state("networkidle")
    ours = [frame.url.startswith(site) for frame in page.frames[1:]]
    assert ours == [True, True, False, False, False]  # Chromium says "blocked" in their place
    shown = [frame.locator("h1").inner_text() for frame in page.frames[1:3]]
    assert shown == ["Handouts for families", publication.title]
