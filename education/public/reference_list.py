"""Long lists of references: what each work found is a link away, on the work's own page."""

import re
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

# A phone receives at most 60 kB for the first view of a page; 95 findings took 18 kB of it.
MOST_FINDINGS = 50

_ENTRY_OR_FINDING = re.compile(
    r'<li id="ref-(?P<number>\d+)"'
    r'|<details class="reference-finding"><summary>(?P<label>.*?)</summary>.*?</details>',
    re.DOTALL,
)


def with_links_to_findings(html: str, references: Sequence[dict[str, Any]]) -> str:
    """
    A list of references, with a link in place of each finding when the list is long.

    ``html`` is the list as printed, ``references`` are its entries (``n`` and ``key``). A list with
    no more than ``MOST_FINDINGS`` entries stays as it is.
    """
    if len(references) <= MOST_FINDINGS:
        return html
    keys = {str(reference["n"]): reference["key"] for reference in references}
    number = ""

    def linked(found: re.Match[str]) -> str:
        nonlocal number
        if found["number"]:
            number = found["number"]
            return found[0]
        address = reverse("evidence-detail", args=[keys[number]])
        return f'<p class="reference-finding"><a href="{address}">{found["label"]}</a></p>'

    return _ENTRY_OR_FINDING.sub(linked, html)
