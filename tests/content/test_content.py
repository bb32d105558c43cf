"""
All text that ships, walked through the renderer that prints it.

The rules are those of ``docs/content.md``. Nothing here needs a database: what ships is files.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml

from education.articles.files import ArticleFile, read_article
from education.text.figures import FIGURES, figure_names, load_figure
from education.text.glossary import terms_of
from education.text.lint import AIM_GRADE, FAILING_GRADE
from education.text.readability import reading_grade, word_count, words
from education.text.rendering import Draft, Rendered, Source, render
from education.text.tree import Passage, Tree, passages, plain, walk

CONTENT = FIGURES.parent
FILES = sorted((CONTENT / "articles").glob("*.md"))

# Addresses that exist without an article of that name.
SITE = (
    "/articles/", "/topics/", "/claims/", "/evidence/", "/glossary/", "/search/", "/handouts/",
    "/corrections/", "/how-we-review/", "/people/", "/privacy/", "/about/", "/check/",
    "/imprint/", "/disclaimer/", "/accessibility/",
    "/reports/about/stem-cells-or-fspr/", "/articles/stem-cells-or-fspr/worksheet/",
)  # fmt: skip

# Which movement scale a work reports: the older percentage score, or GMFM-66 points.
PERCENTAGE_GMFM = {
    "mclaughlin2002", "mclaughlin1998", "steinbok1997", "hqo2017", "collet2001", "engsberg2007",
    "storm2020",
}  # fmt: skip
GMFM_66 = {
    "sun2017", "sun2022", "finchedmondson2025", "amanat2021", "zarrabi2022", "summers2019",
    "josenby2012", "gillespie2024", "gillespie2021", "hannacurves", "iorio2020", "siblingcb2022",
    "sun2021",
}  # fmt: skip
# Lists of danger signs made for something near it: any neurosurgery, a needle for a test, a blood
# transfusion. They are shown once a medical reviewer has taken them over.
BORROWED_DANGER_SIGNS = {"ucsfneuro", "kidshealthlp", "mntransfusion"}
MOST_WORDS = 1600  # of an article, before its references
CHILDREN_GRADE = 4.9  # of the pages for children of 8 to 12
ON_A_SCALE = re.compile(r"\d[\d.]*(?: percentage)? points?\b|GMFM", re.IGNORECASE)
PER_HUNDRED = re.compile(r"out of (?:every )?100\b")
PER_THOUSAND = re.compile(r"(?:out of|for|in) every 1,000\b|out of 1,000\b")
MONEY = re.compile(r"\b(?:dollars|pounds|euros|yuan)\b|[$£€¥]\s?\d")
A_YEAR = re.compile(r"\b(?:19|20)\d\d\b|undated|no date")
QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")

every_article = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@cache
def article(path: Path) -> ArticleFile:
    return read_article(path)


@cache
def evidence() -> dict[str, Source]:
    items = json.loads((CONTENT / "evidence.json").read_text(encoding="utf-8"))
    return {
        item["id"]: Source(
            key=item["id"], text=item["title"], usable=item["custom"]["usable_as_citation"]
        )
        for item in items
    }


@cache
def rendered(path: Path) -> Rendered:
    glossary = render(article(CONTENT / "articles" / "glossary.md").draft, evidence())
    return render(article(path).draft, evidence(), terms=terms_of(glossary.tree))


def of_kind(kind: str) -> list[Path]:
    return [path for path in FILES if article(path).draft.kind == kind]


def cited(nodes) -> set[str]:
    return {item["key"] for node in walk(nodes) if node["t"] == "cite" for item in node["items"]}


def prose(path: Path) -> list[Passage]:
    """Our own words: what is quoted is somebody else's."""
    return [part for part in passages(rendered(path).tree) if not part.quoted]


def sections(tree: Tree) -> list[list[dict]]:
    """What a reader sees together: a part of the body, a row of the grid, an answer to a claim."""
    together: list[list[dict]] = [[node for part in tree["key_messages"] for node in part["c"]]]
    together[0] += tree["short_answer"]
    together.append([])
    for block in tree["body"]:
        if block["t"] == "heading":
            together.append([])
        together[-1].append(block)
    grid = tree["comparison"] or {"rows": []}
    together += [[block for cell in row["cells"] for block in cell["c"]] for row in grid["rows"]]
    return together + [claim["c"] for claim in tree["claims"]]


def statements(nodes) -> list[dict]:
    """Every extent that rests on citations of its own."""
    return [node for node in walk(nodes) if node["t"] == "supported"]


# Every article


@every_article
def test_article_has_no_problem_that_the_desk_would_show(path):
    """Numbers cited, keys known and usable, headings, wording of certainty, hype, terms, length."""
    assert [problem.message for problem in rendered(path).problems] == []


def test_the_desk_would_show_what_these_tests_look_for():
    draft = Draft(
        title="Bad",
        short_answer="A cure for 12 children [@kirafspr] and [@nobody2099].",
        key_messages=[{"text": "It helps 12 children.", "certainty": "low"}],
        body="### Too deep\n\nAbout 12 children walked.\n",
    )

    found = {problem.code for problem in render(draft, evidence()).problems}

    assert found >= {
        "uncited-number", "unknown-evidence", "unusable-evidence", "hype-word", "certainty-word",
        "heading-order",
    }  # fmt: skip


@every_article
def test_article_reads_at_the_age_of_twelve(path):
    measured = reading_grade(rendered(path).tree)

    assert measured is not None
    assert measured <= FAILING_GRADE
    assert measured <= AIM_GRADE, f"{path.name} reads at grade {measured}; aim at {AIM_GRADE}"


@pytest.mark.parametrize("path", of_kind("article"), ids=lambda path: path.stem)
def test_article_is_short_enough_to_be_read(path):
    """Prose before the references; claims, glossary and comparison are looked up, not read."""
    assert word_count(rendered(path).tree) <= MOST_WORDS


def test_pages_for_children_read_at_their_age():
    pages = [path for path in FILES if article(path).fields["topic"] == "for-children"]

    assert len(pages) == 2
    for path in pages:
        assert reading_grade(rendered(path).tree) <= CHILDREN_GRADE, path.stem


@every_article
def test_danger_signs_that_no_reviewer_took_over_are_not_shown(path):
    text = path.read_text(encoding="utf-8")

    assert [key for key in BORROWED_DANGER_SIGNS if f"@{key}" in text] == []


@every_article
def test_article_is_where_its_address_and_topic_say(path):
    topics = yaml.safe_load((CONTENT / "topics.yaml").read_text(encoding="utf-8"))

    assert article(path).fields["slug"] == path.stem
    assert article(path).fields["topic"] in {topic["slug"] for topic in topics}


@every_article
def test_article_is_checked_often_enough(path):
    fields = article(path).fields
    longest = {"stem-cell-therapy": 12, "making-a-decision": 12, "rhizotomy": 24}

    assert 1 <= fields["review_every_months"] <= longest.get(fields["topic"], 36)


@every_article
def test_article_answers_its_title_in_one_cited_sentence(path):
    tree = rendered(path).tree
    answer = tree["short_answer_text"].strip()

    assert re.fullmatch(r"[^.?!]*(?:\.\d[^.?!]*)*[.?!]", answer), "one sentence"
    assert cited(tree["short_answer"]) or tree["kind"] == "policy"


@every_article
def test_article_has_two_to_four_key_messages_each_with_its_source(path):
    tree = rendered(path).tree

    assert len(tree["key_messages"]) in (2, 3, 4)
    if tree["kind"] != "policy":
        assert all(cited(message["c"]) for message in tree["key_messages"])


@every_article
def test_article_says_what_we_do_not_know_what_to_ask_and_who_paid(path):
    tree = rendered(path).tree

    assert plain(tree["unknowns"]).strip()
    assert plain(tree["questions"]).strip()
    assert tree["funding"].startswith("No clinic, cell bank or manufacturer paid for or saw")
    assert "The project that runs this site wrote it and bore the cost." in tree["funding"]


@every_article
def test_every_link_leads_somewhere(path):
    slugs = {file.stem for file in FILES}
    for node in walk_all(rendered(path).tree):
        if node["t"] != "link" or node["href"].startswith(("#", "https://")):
            continue
        address = node["href"].partition("#")[0]
        named = re.fullmatch(r"/articles/([\w-]+)/", address)
        assert (named and named[1] in slugs) or address in SITE, f"{node['href']} leads nowhere"


@every_article
def test_shares_are_so_many_out_of_a_hundred(path):
    """No per cent and no "1 in 4": one way of saying how many, the same for every option."""
    for part in prose(path):
        text = QUOTED.sub("", part.text)
        assert not re.search(r"\d ?%|\bper ?cent\b", text), text
        assert not re.search(r"\b(?:1|one) in (?:\d|[a-z]*(?:two|three|four|five|ten)\b)", text), (
            text
        )


@every_article
def test_prices_have_a_year_and_a_source(path):
    """The source is in the same sentence; the year too, or a word that there is none."""
    for section in [*sections(rendered(path).tree), rendered(path).tree["unknowns"]]:
        priced = [node for node in statements(section) if MONEY.search(plain(node["c"]))]
        loose = MONEY.findall(plain(section))
        assert len(loose) == sum(len(MONEY.findall(plain(node["c"]))) for node in priced)
        for node in priced:
            assert A_YEAR.search(plain(node["c"])), plain(node["c"])


@every_article
def test_the_two_movement_scales_are_never_side_by_side(path):
    """GMFM-66 points and the older percentage score look alike and can't be compared."""
    for section in sections(rendered(path).tree):
        keys: set[str] = set()
        for node in statements(section):
            if ON_A_SCALE.search(plain(node["c"])):
                keys |= set(node["evidence"])
        assert not (keys & GMFM_66 and keys & PERCENTAGE_GMFM), plain(section)[:200]


@every_article
def test_points_on_a_scale_stand_only_in_a_treatment_s_own_article(path):
    """Elsewhere direction and size are told in words, so that nobody sets the scales together."""
    tree = rendered(path).tree
    if article(path).fields["topic"] in ("stem-cell-therapy", "rhizotomy"):
        return
    for section in sections(tree):
        for node in statements(section):
            assert not re.search(r"\d points?\b|percentage points?", plain(node["c"])), path.stem


@every_article
def test_words_that_name_a_promotion_or_an_institution_stay_out(path):
    """C17 and C18 name institutions whose studies nobody found; a promotion is no evidence."""
    text = path.read_text(encoding="utf-8")

    for name in ("kirafspr", "Peking", "Xuanwu", "(needs a source)"):
        assert name not in text


# The glossary


def test_glossary_explains_thirty_words_or_more_each_under_its_own_names():
    [path] = of_kind("glossary")
    terms = rendered(path).tree["terms"]
    forms = Counter(form.casefold() for term in terms for form in {term["term"], *term["also"]})

    assert len(terms) >= 30
    assert all(plain(term["c"]).strip() for term in terms)
    assert [form for form, count in forms.items() if count > 1] == []
    assert len({term["slug"] for term in terms}) == len(terms)


@every_article
def test_first_use_of_a_word_is_explained_in_place(path):
    tree = rendered(path).tree
    if tree["kind"] in ("glossary", "policy"):
        pytest.skip("explains its own words")

    explained = [node["slug"] for node in walk_all(tree) if node["t"] == "term"]

    assert explained
    assert len(explained) == len(set(explained))


# The comparison


# Handouts and readers' bookmarks point at these rows; a row may be added, never renamed or dropped.
ROWS_IN_PRINT = {
    "what-is-it", "what-is-it-for", "who-might-it-suit", "stiffness", "movement", "improve-anyway",
    "how-long", "side-effects", "serious-harms", "undo", "adults", "child-who-does-not-walk",
    "waiting", "follow-up", "available", "cost", "how-many-studies", "how-certain",
    "questions-to-ask", "warning-signs",
}  # fmt: skip
MOST_WORDS_BEFORE_THE_GRID = 1200


def grids() -> list[Path]:
    return [path for path in FILES if article(path).draft.rows]


def test_comparison_sets_four_options_side_by_side():
    [path] = of_kind("comparison")
    grid = rendered(path).tree["comparison"]

    assert path.stem == "stem-cells-or-fspr"
    assert [option["slug"] for option in grid["options"]] == [
        "stem-cells", "rhizotomy", "standard-care", "no-change",
    ]  # fmt: skip
    slugs = [row["slug"] for row in grid["rows"]]
    assert len(set(slugs)) == len(slugs)
    assert set(slugs) >= ROWS_IN_PRINT


def test_comparison_opens_with_a_summary_short_enough_to_be_read():
    [path] = of_kind("comparison")
    opening = [
        part for part in passages(rendered(path).tree)
        if part.where in ("short_answer", "body") or part.where.startswith("key_messages")
    ]  # fmt: skip

    assert sum(len(words(part.text)) for part in opening) <= MOST_WORDS_BEFORE_THE_GRID


def test_comparison_states_its_decision_its_reading_level_and_what_was_not_done():
    """Standards for decision aids ask for the decision; a test that was not made is not claimed."""
    [path] = of_kind("comparison")
    body = " ".join(plain([block]) for block in rendered(path).tree["body"])

    assert body.startswith("The decision is:")
    assert "did not ask families or clinicians" in body
    assert "no family has tested it" in body
    assert "at about school grade five by the Flesch-Kincaid formula" in body
    assert round(reading_grade(rendered(path).tree)) == 5


@pytest.mark.parametrize("path", grids(), ids=lambda path: path.stem)
def test_grid_asks_every_option_the_same_question(path):
    draft = article(path).draft
    options = [option["slug"] for option in draft.options]

    for row in draft.rows:
        assert list(row["cells"]) == options, row["slug"]


@pytest.mark.parametrize("path", grids(), ids=lambda path: path.stem)
def test_grid_cell_is_cited_or_says_that_nothing_is_known(path):
    for row in rendered(path).tree["comparison"]["rows"]:
        for cell in row["cells"]:
            where = (row["slug"], cell["option"])
            if cell["unknown"]:
                assert plain(cell["c"]).startswith("We found no study"), where
                assert cell["certainty"] == "not_graded", where
            else:
                assert cited(cell["c"]), where


@pytest.mark.parametrize("path", grids(), ids=lambda path: path.stem)
def test_grid_tells_about_movement_in_words(path):
    for row in rendered(path).tree["comparison"]["rows"]:
        for cell in row["cells"]:
            assert not ON_A_SCALE.search(plain(cell["c"])), (row["slug"], cell["option"])


@pytest.mark.parametrize("path", grids(), ids=lambda path: path.stem)
def test_grid_row_keeps_to_one_denominator(path):
    for row in rendered(path).tree["comparison"]["rows"]:
        text = "\n".join(plain(cell["c"]) for cell in row["cells"])
        assert not (PER_HUNDRED.search(text) and PER_THOUSAND.search(text)), row["slug"]


# The claims


def test_claims_answer_every_claim_of_the_founding_article_once():
    answered = Counter(
        claim["claim"] for path in FILES for claim in article(path).draft.claims
        if claim.get("claim")
    )  # fmt: skip

    assert answered == Counter(f"C{number:02}" for number in range(1, 31))


def test_claim_check_has_its_own_name_and_a_fair_answer_with_sources():
    claims = [claim for path in FILES for claim in rendered(path).tree["claims"]]

    assert len({claim["slug"] for claim in claims}) == len(claims) > 30
    for claim in claims:
        assert claim["said"].endswith((".", "?", "!")), claim["slug"]
        assert cited(claim["c"]), claim["slug"]


def test_claim_that_nobody_could_trace_says_so():
    by_claim = {
        claim["claim"]: claim for path in FILES for claim in article(path).draft.claims
        if claim.get("claim")
    }  # fmt: skip

    for number in ("C17", "C18"):
        assert by_claim[number]["verdict"] == "cannot_be_verified"
        assert by_claim[number]["answer"].startswith("We could not find this study")


# The drawings


@pytest.mark.parametrize("name", figure_names())
def test_drawing_is_safe_and_described(name):
    drawn = load_figure(name, prefix="test", label="What it shows")

    assert drawn.startswith("<svg ")
    assert 'aria-describedby="test-' in drawn


@pytest.mark.parametrize("name", figure_names())
def test_drawing_fits_a_page_with_its_letters_at_the_size_of_giant_print(name):
    """20 points times this many must not be wider than paper between its margins, 178 mm."""
    drawn = (FIGURES / f"{name}.svg").read_text(encoding="utf-8")
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', drawn)[1])
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', drawn)]

    assert all(width / size * 20 <= 178 / 25.4 * 72 for size in sizes)


@every_article
def test_drawing_in_a_text_has_words_for_those_who_cannot_see_it(path):
    tree = rendered(path).tree
    for node in walk_all(tree):
        if node["t"] == "figure":
            assert len(node["alt"].split()) >= 3, node["name"]
        if node["t"] == "icons":
            assert f"{node['count']:,}" in node["text"], node["text"]
            assert cited(node["c"]), node["text"]


def test_every_drawing_is_used():
    used = {
        node["name"] for path in FILES for node in walk_all(rendered(path).tree)
        if node["t"] == "figure"
    }  # fmt: skip

    assert used == set(figure_names())


def walk_all(tree: Tree):
    """Every node of a text, wherever it stands."""
    grid = tree["comparison"] or {"rows": []}
    parts = [
        tree["short_answer"], tree["body"], tree["unknowns"], tree["questions"],
        *(message["c"] for message in tree["key_messages"]),
        *(cell["c"] for row in grid["rows"] for cell in row["cells"]),
        *(claim["c"] for claim in tree["claims"]),
        *(term["c"] for term in tree["terms"]),
    ]  # fmt: skip
    for nodes in parts:
        yield from walk(nodes)
