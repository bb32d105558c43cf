"""Articles as files: YAML front matter, then Markdown (docs/content.md)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from education.articles.models import Article, ClaimCheck, Direction
from education.errors import EditorialError
from education.evidence.models import Certainty
from education.text.rendering import Draft

ARTICLE_FIELDS = ("slug", "kind", "topic", "risk_class", "review_every_months")
TEXT_FIELDS = (
    "title",
    "short_answer",
    "unknowns",
    "questions",
    "funding",
    "what_changed",
    "correction",
)
LISTS = ("key_messages", "claims", "options", "rows", "terms", "outcomes", "findings")
REQUIRED = (*ARTICLE_FIELDS, "title", "short_answer", "key_messages", "unknowns", "funding")
CHOICES_IN_PARTS = {
    "certainty": Certainty.values,
    "direction": Direction.values,
    "verdict": ClaimCheck.Verdict.values,
}


class BadArticleFileError(EditorialError):
    """An article's file is not what it should be; says the file, the line and the reason."""


# The parser in C where PyYAML has it: a table of findings is long.
SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class ArticleFile:
    """What one file holds: where the article belongs, and its text."""

    path: Path
    fields: dict[str, Any]
    draft: Draft


def read_article(path: Path) -> ArticleFile:
    """
    Read one article from its file.

    Raises ``BadFileError`` with file, line and reason.
    """
    text = path.read_text(encoding="utf-8-sig")
    parts = re.match(r"---\r?\n(.*?)^---\r?\n(.*)\Z", text, re.DOTALL | re.MULTILINE)
    if not parts:
        raise BadArticleFileError(
            f"{path}, line 1: front matter between two lines of --- is missing."
        )
    try:
        front = yaml.load(parts[1], Loader=SafeLoader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise BadArticleFileError(f"{path}, line {line}: {error.problem}.") from error
    if not isinstance(front, dict):
        raise BadArticleFileError(f"{path}, line 2: the front matter must be fields with values.")
    _check(path, parts[1], front)
    fields: dict[str, Any] = {
        **{name: str(front.get(name) or "").strip() for name in TEXT_FIELDS},
        **{name: _strings(front.get(name, [])) for name in LISTS},
    }
    return ArticleFile(
        path=path,
        fields={name: front[name] for name in ARTICLE_FIELDS},
        draft=Draft(
            language=front.get("language", "en"),
            kind=front["kind"],
            body=parts[2].strip() + "\n",
            **fields,
        ),
    )


def _check(path: Path, source: str, front: dict[str, Any]) -> None:
    def refuse(name: str, reason: str) -> None:
        before = re.split(rf"^[ -]*{re.escape(name)}:", source, maxsplit=1, flags=re.MULTILINE)[0]
        line = before.count("\n") + 2 if len(before) < len(source) else 2
        raise BadArticleFileError(f"{path}, line {line}: {reason}")

    for name in REQUIRED:
        if not front.get(name):
            refuse(name, f"{name} is missing.")
    for name in front:
        if name not in (*ARTICLE_FIELDS, *TEXT_FIELDS, *LISTS, "language"):
            refuse(name, f"{name} is not a field of an article.")
    if front["kind"] not in Article.Kind.values:
        refuse("kind", f"{front['kind']} is not a kind of article.")
    if front["risk_class"] not in Article.RiskClass.values:
        refuse("risk_class", f"{front['risk_class']} is not a risk class.")
    for name, value in _choices_in_parts(front):
        if value not in CHOICES_IN_PARTS[name]:
            refuse(name, f"{value} is not a {name}.")


def _choices_in_parts(front: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each certainty, direction and verdict that the parts of a text say."""
    claims, findings = front.get("claims", []), front.get("findings", [])
    cells = [cell for row in front.get("rows", []) for cell in row["cells"].values()]
    for part in (*front["key_messages"], *claims, *cells, *findings):
        yield "certainty", part.get("certainty", Certainty.NOT_GRADED)
    for row in findings:
        yield "direction", row.get("direction")
    for claim in claims:
        yield "verdict", claim.get("verdict")


def _strings(value: Any) -> Any:
    """YAML folds and blocks end with line breaks that mean nothing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [_strings(part) for part in value]
    if isinstance(value, dict):
        return {name: _strings(part) for name, part in value.items()}
    return value
