"""The browser reads our Markdown as the server does."""

import pytest

from tests.editor.texts import generated_texts, shipped_fields, tokens

pytestmark = pytest.mark.journeys

READ = """async (texts) => {
  const { markdown } = await import("/static/education/desk/editor/dialect.js");
  const attributes = (token) => Object.fromEntries((token.attrs ?? [])
    .filter(([name]) => name !== "class").map(([name, value]) => [name, String(value)]));
  const told = (token) => (token.type === "text" ? ["text", token.content] : [
    token.type, token.nesting, token.type === "inline" ? [] : token.map ?? [], token.content,
    token.type === "hr" ? "" : token.markup, token.info.trim(), token.hidden, attributes(token),
    (token.children ?? []).map(told),
  ]);
  return texts.map((text) => markdown.parse(text, {}).map(told));
}"""


def test_every_shipped_field_has_the_same_tokens(modules):
    texts = [text for _, text in shipped_fields()]
    for text, read in zip(texts, modules.evaluate(READ, texts), strict=True):
        assert read == tokens(text)


def test_generated_texts_have_the_same_tokens(modules):
    texts = generated_texts(3_000, seed=20)
    answers = modules.evaluate(READ, texts)
    assert [text for text, read in zip(texts, answers, strict=True) if read != tokens(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Words.\n\n    ## A heading\n\n\t- a list\n\t    - within\n\n        3. another",
        "- one\n\n        - deep\n\n    - less deep\n- two\n      - three",
        "    > quoted\n    > on\n\n     ---\n\n      ```\n      code\n   ```\nmore\n\n     ```",
        "    ::: note Title\n    Words.\n        :::\n\nAfter.",
        "    | a | b |\n    |---|---|\n     | c | d |\n",
        "A paragraph.\n    # that goes on\n    - and on",
    ],
)
def test_indented_blocks_are_read_as_if_they_were_not(modules, text):
    [read] = modules.evaluate(READ, [text])
    assert read == tokens(text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("10^6^ H~2~O 5~10", ["sup", "sub"]),
        ("[@sun2017, p. 3; @novak2016]", ["cite"]),
        ("约~10岁~ ^^2^^", []),
        (r"a\ " + "\nb", []),
        (r"\^2^ [@]", []),
    ],
)
def test_raised_figures_and_citations(modules, text, kinds):
    [read] = modules.evaluate(READ, [text])
    assert read == tokens(text)
    inside = read[1][-1]
    assert [
        token[0].removesuffix("_open")
        for token in inside
        if token[0] in {"sup_open", "sub_open", "cite"}
    ] == kinds
