"""Readers' pages by the checkers of others: the Nu HTML checker and Lighthouse."""

import json
import os
import shutil
import subprocess

import pytest
from django.urls import reverse

from education.publishing.operations import withdraw
from tests.factories import make_article, make_draft, make_editor, make_item, make_publication
from tests.public.reading import make_site
from tests.web.checkers import html_errors
from tools.checks import chromium

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_every_page_is_valid_html(client, web_tools, tmp_path):
    addresses = make_site()
    gone = make_publication(article=make_article(slug="gone"))
    withdraw(publication=gone, by=make_editor(), reason="It was wrong.")
    topic_question = "/connect/?mainSearchCriteria.v.dn=rhizotomy&knowledgeResponseType=text/html"
    addresses += ["/articles/gone/", "/nowhere/", "/api/v1/", topic_question]
    framed = ("stem-cells-or-fspr", "claims-you-may-hear", "words-explained")
    addresses += [f"/embed/{slug}/" for slug in framed]
    addresses += [f"/embed/{gone.slug}/", "/search/?q=statement", "/search/?q=xyzzy"]
    pages = {f"{number}.html": address for number, address in enumerate(addresses)}
    for name, address in pages.items():
        response = client.get(address)
        assert response.status_code in {200, 404, 410}, address
        (tmp_path / name).write_bytes(response.content)

    found = html_errors(web_tools, tmp_path.glob("*.html"))

    assert [(pages[name], *what) for name, *what in found] == []


@pytest.mark.parametrize("page", ["home", "article", "comparison", "search"])
def test_lighthouse_finds_nothing_to_mend(page, web_tools, live_server, tmp_path, settings):
    if not chromium():
        pytest.skip("no Chromium on this machine")
    settings.SITE_URL = live_server.url
    make_site()
    article = make_publication(
        article=make_article(slug="for-lighthouse"), draft=make_draft(make_item().key)
    )
    address = {
        "home": reverse("home"),
        "article": reverse("article-detail", args=[article.slug]),
        "comparison": reverse("article-detail", args=["stem-cells-or-fspr"]),
        "search": reverse("search") + "?q=statement",
    }[page]
    report = tmp_path / "report.json"
    sandbox = " --no-sandbox" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    command = [
        shutil.which("node"), str(web_tools / "lighthouse" / "cli" / "index.js"),
        f"{live_server.url}{address}", "--quiet", "--output=json", f"--output-path={report}",
        "--only-categories=accessibility,best-practices,seo",
        f"--chrome-flags=--headless=new --disable-gpu{sandbox}",
    ]  # fmt: skip

    subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": chromium()})

    found = json.loads(report.read_text(encoding="utf-8"))
    failing = {
        name: [
            found["audits"][audit["id"]]["title"]
            for audit in category["auditRefs"]
            if found["audits"][audit["id"]]["score"] == 0 and audit["weight"]
        ]
        for name, category in found["categories"].items()
        if category["score"] < 1
    }
    assert failing == {}
