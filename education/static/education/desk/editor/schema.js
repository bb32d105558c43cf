// What a text can hold: the blocks, words and marks of docs/markdown.md and nothing else. A field of
// one line is a `line`; every other field is a `doc`.
import { Schema, tableNodes } from "../../vendor/editor-vendor.js";
import { drawIcons } from "./icons.js";

const { table, table_row, table_cell, table_header } = tableNodes({
  tableGroup: "block", cellContent: "inline*", cellAttributes: {},
});

/** Cells of one column and row: Markdown has no others. */
const cell = (spec, tag, attributes = {}) => ({
  ...spec, parseDOM: [{ tag }], toDOM: () => [tag, attributes, 0],
});

const headings = [1, 2, 3, 4, 5, 6].map((level) => ({
  tag: `h${level}`, attrs: { level: Math.min(4, Math.max(2, level)) },
}));

export const schema = new Schema({
  topNode: "doc",
  nodes: {
    doc: { content: "block+" },
    line: { content: "inline*" },
    paragraph: { content: "inline*", group: "block", parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
    heading: {
      attrs: { level: { default: 2 } }, content: "inline*", group: "block", defining: true,
      parseDOM: headings, toDOM: (node) => [`h${node.attrs.level}`, 0],
    },
    bullet_list: {
      attrs: { bullet: { default: "-" }, tight: { default: true } }, content: "list_item+", group: "block",
      parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0],
    },
    ordered_list: {
      attrs: { order: { default: 1 }, delim: { default: "." }, tight: { default: true } },
      content: "list_item+", group: "block",
      parseDOM: [{ tag: "ol", getAttrs: (dom) => ({ order: dom.hasAttribute("start") ? dom.start : 1 }) }],
      toDOM: ({ attrs }) => ["ol", attrs.order === 1 ? {} : { start: attrs.order }, 0],
    },
    list_item: { content: "block+", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
    blockquote: {
      content: "block+", group: "block", defining: true, parseDOM: [{ tag: "blockquote" }],
      toDOM: () => ["blockquote", { class: "callout callout--quote" }, 0],
    },
    callout: {
      attrs: { kind: { default: "note" }, title: { default: "" }, markup: { default: ":::" } },
      content: "block+", group: "block", defining: true,
      parseDOM: [{
        tag: "div[data-callout]", contentElement: "[data-inside]",
        getAttrs: ({ dataset }) => ({ kind: dataset.callout, title: dataset.title ?? "" }),
      }],
      toDOM: ({ attrs: { kind, title } }) => [
        "div", { class: `callout callout--${kind}`, "data-callout": kind, "data-title": title },
        ["p", { class: "callout-title", contenteditable: "false" }, title || kind],
        ["div", { "data-inside": "" }, 0],
      ],
    },
    icons: {
      attrs: { count: {}, of: {} }, content: "inline*", group: "block", defining: true, isolating: true,
      parseDOM: [{
        tag: "figure[data-icons]", contentElement: "figcaption",
        getAttrs: ({ dataset }) => ({ count: dataset.count, of: dataset.of }),
      }],
      toDOM: ({ attrs: { count, of } }) => [
        "figure", { class: "icons", "data-icons": "", "data-count": count, "data-of": of },
        ["div", { contenteditable: "false" }, drawIcons(count, of)], ["figcaption", 0],
      ],
    },
    figure: {
      attrs: { src: {}, alt: { default: "" } }, content: "inline*", group: "block", defining: true, isolating: true,
      parseDOM: [{
        tag: "figure[data-src]", contentElement: "figcaption",
        getAttrs: ({ dataset }) => ({ src: dataset.src, alt: dataset.alt }),
      }],
      toDOM: ({ attrs: { src, alt } }) => [
        "figure", { class: "figure", "data-src": src, "data-alt": alt },
        ["div", { class: "figure-place", contenteditable: "false" }, `${src.replace(/^figure:/, "Drawing: ")}. ${alt}`],
        ["figcaption", 0],
      ],
    },
    // Also icons that the server would refuse to draw.
    code_block: {
      attrs: { params: { default: "" }, fence: { default: "```" } },
      content: "text*", marks: "", group: "block", code: true, defining: true,
      parseDOM: [{ tag: "pre", preserveWhitespace: "full" }], toDOM: () => ["pre", ["code", 0]],
    },
    rule: {
      attrs: { markup: { default: "---" } }, group: "block", parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"],
    },
    // No gap cursor between cells or rows: what is typed there would be a cell more, and move the
    // others under other heads.
    table: {
      ...table, allowGapCursor: false, attrs: { rule: { default: "" } },
      toDOM: () => ["div", { class: "table-frame" }, ["table", ["tbody", 0]]],
    },
    table_row: { ...table_row, allowGapCursor: false },
    table_cell: cell(table_cell, "td"),
    table_header: cell(table_header, "th", { scope: "col" }),
    text: { group: "inline" },
    cite: {
      attrs: { source: {} }, inline: true, group: "inline", atom: true, leafText: () => "",
      parseDOM: [{ tag: "[data-cite]", getAttrs: ({ dataset }) => ({ source: dataset.cite }) }],
      toDOM: ({ attrs: { source } }) => ["span", { class: "cite-chip", "data-cite": source }, source],
    },
    // One that stands among words, which the server refuses and tells.
    image: {
      attrs: { src: {}, alt: { default: "" }, title: { default: "" } }, inline: true, group: "inline", atom: true,
      leafText: ({ attrs }) => attrs.alt, toDOM: ({ attrs }) => ["span", { class: "stray-image" }, attrs.alt || attrs.src],
    },
    hard_break: {
      inline: true, group: "inline", selectable: false, leafText: () => "\n",
      parseDOM: [{ tag: "br" }], toDOM: () => ["br"],
    },
  },
  marks: {
    link: {
      attrs: { href: {}, title: { default: "" } }, inclusive: false,
      parseDOM: [{ tag: "a[href]", getAttrs: (dom) => ({ href: dom.getAttribute("href") }) }],
      toDOM: ({ attrs: { href } }) => ["a", { href }, 0],
    },
    em: {
      attrs: { markup: { default: "*" } }, parseDOM: [{ tag: "i" }, { tag: "em" }], toDOM: () => ["em", 0],
    },
    strong: {
      attrs: { markup: { default: "**" } }, parseDOM: [{ tag: "b" }, { tag: "strong" }], toDOM: () => ["strong", 0],
    },
    code: { code: true, excludes: "sup sub code", parseDOM: [{ tag: "code" }], toDOM: () => ["code", 0] },
    sup: { inclusive: false, excludes: "sub code sup", parseDOM: [{ tag: "sup" }], toDOM: () => ["sup", 0] },
    sub: { inclusive: false, excludes: "sup code sub", parseDOM: [{ tag: "sub" }], toDOM: () => ["sub", 0] },
    // A blank that is a line's end in what is stored, so that an edit changes one line of it.
    wrap: { inclusive: false, toDOM: () => ["span", 0] },
  },
});
