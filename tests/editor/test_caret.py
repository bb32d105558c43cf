"""The caret stays at its words when a writer goes to Markdown and back."""

import pytest

pytestmark = pytest.mark.journeys

TEXT = """## What 12 studies found

It **helps** a *little* in 10 of 12 children [@sun2017, p. 3; @first2020], they say
on the [next line](https://example.org/a1).

- one
- two and a half

1. first
2. second, “quoted”

::: warning Ask first
Words inside.
:::

| a | b |
|---|---|
| c 1 | d |

Last (words).
"""

# For each place between two signs: the words to its left in the surface, the Markdown to its left,
# and whether the way back leads to the same place.
PLACES = """async ([text, kind]) => {
  const editor = "/static/education/desk/editor/";
  const vendor = await import("/static/education/vendor/editor-vendor.js");
  const { read } = await import(`${editor}read.js`);
  const { fromSource, toSource } = await import(`${editor}caret.js`);
  const { doc } = read(text, kind);
  const places = [];
  doc.descendants((node, position) => {
    if (!node.isText) return;
    for (let at = position + 1; at < position + node.nodeSize; at += 1) {
      const selection = vendor.TextSelection.create(doc, at);
      const state = vendor.EditorState.create({ doc, selection });
      const offset = toSource(state, text, kind);
      const back = fromSource(doc, offset, text, kind).head;
      places.push([doc.textBetween(position, at), text.slice(0, offset), back - at]);
    }
  });
  return places;
}"""


@pytest.mark.parametrize(
    ("text", "is_line"), [(TEXT, False), ("It **may** help 3 of 4 [@sun2017] a\nlittle.\n", True)]
)
def test_the_caret_goes_to_markdown_and_back(modules, text, is_line):
    places = modules.evaluate(PLACES, [text, {"hasHeadings": True, "isLine": is_line}])

    assert len(places) > 20
    for words, source, way_back in places:
        is_same = source[-1].isspace() if words[-1].isspace() else source.endswith(words[-1])
        assert is_same, (words, source)
        assert way_back == 0, (words, source)
