"""Make a page of each article in the file ``articles.json``, below one home page."""

import json
from pathlib import Path

import django

django.setup()

from texts.models import Text  # noqa: E402 - after Django is set up
from wagtail.models import Page, Site  # noqa: E402

first, *articles = json.loads(Path("articles.json").read_text("utf-8"))
text = Text(title=first["title"], slug="articles-home", body=first["body"])
home = Page.get_first_root_node().add_child(instance=text)
Site.objects.update_or_create(
    is_default_site=True, defaults={"hostname": "localhost", "root_page": home}
)
for number, article in enumerate(articles):
    page = home.add_child(
        instance=Text(
            title=article["title"], slug=article["slug"], body=article["body"],
            show_in_menus=number < 5,
        )
    )  # fmt: skip
    page.save_revision().publish()
