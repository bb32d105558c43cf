"""What was not touched keeps its bytes; what was touched reads back as what is shown."""

import pytest

from tests.editor.texts import generated_texts, shipped_fields

pytestmark = pytest.mark.journeys

PARTS = """
  const editor = "/static/education/desk/editor/";
  const { read } = await import(`${editor}read.js`);
  const { writeBlock, writeDocument } = await import(`${editor}write.js`);
  const { normalise } = await import(`${editor}normalise.js`);
  const { schema } = await import(`${editor}schema.js`);
  const vendor = await import("/static/education/vendor/editor-vendor.js");
"""

UNTOUCHED = f"""async (fields) => {{{PARTS}
  return fields.map(([kind, text]) => {{
    const {{ doc, origin }} = read(text, {{ isLine: kind === "line" }});
    doc.check();
    return [
      origin.gaps.map((gap, at) => gap + (origin.slices[at] ?? "")).join(""),
      writeDocument(doc, origin).text,
      origin.blocks.map((block) => writeBlock(block).text),
      origin.slices,
    ];
  }});
}}"""

ANEW = f"""async (texts) => {{{PARTS}
  const words = (node) => node.textContent.replace(/\\s/g, "");
  const counts = {{ blocks: 0, marks: 0, words: 0 }};
  for (const text of texts) {{
    for (const block of read(text).origin.blocks) {{
      const written = writeBlock(block);
      const back = read(written.text).origin.blocks.map(words).join("");
      counts.blocks += 1;
      counts.marks += written.lost;
      counts.words += back !== words(written.node);
    }}
  }}
  return counts;
}}"""

EDITS = f"""async ([fields, edits]) => {{{PARTS}
  let seed = 7;
  const below = (most) => {{ seed = (seed * 48271) % 2147483647; return seed % most; }};
  const faults = [];
  let done = 0;
  for (const [kind, text] of fields) {{
    for (let edit = 0; edit < edits; edit += 1) {{
      const {{ doc, origin }} = read(text, {{ isLine: kind === "line" }});
      const places = [];
      doc.descendants((node, at) => {{
        if (node.isText) for (let k = 0; k < node.nodeSize; k += 1) places.push(at + k);
      }});
      const at = places[below(places.length)];
      const plugins = [vendor.history()];
      let state = vendor.EditorState.create({{ doc, plugins }});
      state = state.apply(state.tr.insertText(["x", " new words ", "*", "10", "("][below(5)], at));
      const {{ text: out, isSafe, lost }} = writeDocument(state.doc, origin);
      let same = 0;
      const [before, after] = [text.split("\\n"), out.split("\\n")];
      while (before[same] === after[same] && same < before.length) same += 1;
      let tail = 0;
      while (tail < before.length - same && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
      const lines = before.length - same - tail;
      const isGood = isSafe && !lost.length && lines <= 2 && before.length === after.length;
      if (!isGood) faults.push([isSafe, lost, lines, text.slice(0, 60)]);
      vendor.undo(state, (tr) => {{ state = state.apply(tr); }});
      if (writeDocument(state.doc, origin).text !== text) faults.push(["undo", text.slice(0, 60)]);
      done += 1;
    }}
  }}
  return [done, faults];
}}"""


def test_every_shipped_field_comes_back_byte_for_byte(modules):
    fields = [list(field) for field in shipped_fields()]
    for (_, text), (joined, written, anew, slices) in zip(
        fields, modules.evaluate(UNTOUCHED, fields), strict=True
    ):
        assert joined == written == text
        assert anew == slices  # and even when each of its blocks is written anew


def test_any_text_comes_back_byte_for_byte(modules):
    for kind in ("blocks", "line"):
        fields = [[kind, text] for text in generated_texts(1_000, seed=3)]
        answers = modules.evaluate(UNTOUCHED, fields)
        differ = [
            text for (_, text), answer in zip(fields, answers, strict=True) if answer[1] != text
        ]
        assert differ == []


def test_what_is_written_anew_reads_back_as_the_same_words(modules):
    counts = modules.evaluate(ANEW, generated_texts(2_000, seed=5))
    assert counts["blocks"] > 2_000
    assert counts["words"] <= counts["blocks"] * 0.002  # told before they are saved
    assert counts["marks"] <= counts["blocks"] * 0.005


def test_an_edit_changes_its_lines_alone_and_undo_is_exact(modules):
    fields = [list(field) for field in shipped_fields()]
    done, faults = modules.evaluate(EDITS, [fields, 6])
    assert done >= 2_000
    assert faults == []


# What people do, and what is then stored; each block is a list of pieces with marks.
@pytest.mark.parametrize(
    ("node", "text"),
    [
        ('p(t("FSPR", "strong"), t(". So"))', "**FSPR**. So"),
        ('p(t("a "), t("bold. ", "strong"), t("Then"))', "a **bold.** Then"),
        ('p(t("bold.", "strong"), t("Then"))', "**bold**.Then"),
        ('p(t("10"), t("6", "sup"), t(" cells, H"), t("2", "sub"), t("O"))', "10^6^ cells, H~2~O"),
        ('p(t("x"), t("a b", "sup"))', "xa b"),
        ('p(t("# not a heading"))', r"\# not a heading"),
        ('p(t("- not a list"))', r"\- not a list"),
        ('p(t("1. not a list"))', r"1\. not a list"),
        ('p(t("::: note"))', r"\::: note"),
        ('p(t("5~10 and [@ and *"))', r"5~10 and \[@ and *"),
        ('p(t("one"), b(), t("two"))', "one\\\ntwo"),
        ('p(t("a"), c("[@sun2017]", "strong"), t("."))', "a[@sun2017]."),
        ('N.callout.create({ kind: "note" }, [p(t("a")), p()])', "::: note\na\n:::"),
        (
            'N.bullet_list.create(null, [i(p(t("a"))), i(p(t("b")), p(t("c")))])',
            "- a\n\n- b\n\n  c",
        ),
        ('N.icons.create({ count: "3", of: "10" }, [t("3 out of 10.")])',
         "```icons\ncount: 3\nof: 10\ntext: 3 out of 10.\n```"),
    ],
)  # fmt: skip
def test_what_markdown_cannot_say_is_said_in_the_nearest_way(modules, node, text):
    written = modules.evaluate(f"""async () => {{{PARTS}
      const N = schema.nodes;
      const marked = (names) => names.map((name) => schema.marks[name].create());
      const t = (words, ...names) => schema.text(words, marked(names));
      const c = (source, ...names) => N.cite.create({{ source }}, null, marked(names));
      const p = (...inside) => N.paragraph.create(null, inside);
      const b = () => N.hard_break.create();
      const i = (...inside) => N.list_item.create(null, inside);
      return writeBlock({node}).text;
    }}""")
    assert written == text
