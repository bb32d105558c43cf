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
  return texts.map((text) => {
    const env = {};
    const read = markdown.parse(text, env).map(told);
    return [read, Boolean(env.isIndented)];
  });
}"""


def test_every_shipped_field_has_the_same_tokens(modules):
    texts = [text for _, text in shipped_fields()]
    for text, (read, is_indented) in zip(texts, modules.evaluate(READ, texts), strict=True):
        assert read == tokens(text)
        assert not is_indented


def test_generated_texts_have_the_same_tokens_or_are_told_apart(modules):
    texts = generated_texts(3_000, seed=20)
    answers = modules.evaluate(READ, texts)
    differ = [
        text
        for text, (read, is_indented) in zip(texts, answers, strict=True)
        if not is_indented and read != tokens(text)
    ]
    # A callout's end that is indented by four or more within another block; 1 of 20,000 such texts.
    assert len(differ) <= 1, differ
    told_apart = sum(is_indented for _, is_indented in answers)
    assert told_apart <= len(texts) * 0.02, "these open as Markdown, with a word why"


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
    [[read, _]] = modules.evaluate(READ, [text])
    assert read == tokens(text)
    inside = read[1][-1]
    assert [
        token[0].removesuffix("_open")
        for token in inside
        if token[0] in {"sup_open", "sub_open", "cite"}
    ] == kinds
