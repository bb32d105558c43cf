// From Markdown to the document, with the pieces of text that each block came from.
import { Fragment } from "../../vendor/editor-vendor.js";
import { CALLOUTS, markdown } from "./dialect.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;
const CJK = /[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/;
const ICONS_FIELD = /^\s*(count|of|text)\s*:\s*(.*)$/;

/** Whether the list that opens at this token has no empty lines between its items. */
function isTight(tokens, at) {
  const first = tokens.slice(at + 1).find(({ type }) => type !== "list_item_open");
  return first?.type === "paragraph_open" ? first.hidden : true;
}

const BLOCKS = {
  paragraph: [nodes.paragraph],
  heading: [nodes.heading, ({ markup }) => ({ level: markup.length })],
  bullet_list: [nodes.bullet_list, (token, all, at) => ({ bullet: token.markup, tight: isTight(all, at) })],
  ordered_list: [nodes.ordered_list, (token, all, at) => ({
    order: Number(token.attrGet("start") ?? 1), delim: token.markup, tight: isTight(all, at),
  })],
  list_item: [nodes.list_item],
  blockquote: [nodes.blockquote],
  table: [nodes.table],
  tr: [nodes.table_row],
  th: [nodes.table_header],
  td: [nodes.table_cell],
};
for (const kind of CALLOUTS) {
  BLOCKS[`container_${kind}`] = [nodes.callout, ({ info, markup }) => ({
    kind, title: info.trim().slice(kind.length).trim(), markup,
  })];
}
const MARKS = {
  em: [marks.em, ({ markup }) => ({ markup })],
  strong: [marks.strong, ({ markup }) => ({ markup })],
  link: [marks.link, (token) => ({ href: token.attrGet("href"), title: token.attrGet("title") ?? "" })],
  sup: [marks.sup],
  sub: [marks.sub],
};

/** The nodes of one run of words. */
function inlineNodes(tokens) {
  const out = [];
  let active = [];
  const add = (node) => {
    const last = out.at(-1);
    if (node.isText && last?.isText && last.sameMarkup(node)) out[out.length - 1] = last.withText(last.text + node.text);
    else out.push(node);
  };
  const inMarks = (...more) => [...active, ...more].reduce((set, mark) => mark.addToSet(set), []);
  const addText = (text, ...more) => { if (text) add(schema.text(text, inMarks(...more))); };
  tokens.forEach((token, at) => {
    const name = token.type.replace(/_(?:open|close)$/, "");
    if (name in MARKS) {
      const [type, attributes] = MARKS[name];
      if (token.nesting > 0) active.push(type.create(attributes?.(token)));
      else active = active.slice(0, -1);
    } else if (token.type === "text") addText(token.content);
    else if (token.type === "code_inline") addText(token.content, marks.code.create());
    else if (token.type === "hardbreak") add(nodes.hard_break.create(null, null, inMarks()));
    else if (token.type === "cite") add(nodes.cite.create({ source: token.content }, null, inMarks()));
    else if (token.type === "image") {
      const [src, title] = [token.attrGet("src"), token.attrGet("title") ?? ""];
      add(nodes.image.create({ src, alt: token.content, title }, null, inMarks()));
    } else if (token.type === "softbreak") {
      // Between Chinese characters the end of a line is no blank.
      const [before, after] = [tokens[at - 1]?.content ?? "", tokens[at + 1]?.content ?? ""];
      if (!CJK.test(before.slice(-1)) || !CJK.test(after.charAt(0))) addText(" ", marks.wrap.create());
    } else throw new Error(`No place for the token ${token.type}`);
  });
  return out;
}

/** Words of one line, such as a caption, as a fragment. */
export const readInline = (text) => Fragment.fromArray(inlineNodes(markdown.parseInline(text, {})[0].children));

/** What a drawing of people says: count, of and text; null where the server would not draw them. */
function iconsFields(text) {
  const fields = {};
  let name = "";
  for (const line of text.split("\n")) {
    const match = ICONS_FIELD.exec(line);
    if (match) {
      name = match[1];
      if (name in fields) return null;
      fields[name] = match[2].trim();
    } else if (line.trim()) {
      if (name !== "text") return null;
      fields.text += `\n${line.trim()}`;
    }
  }
  return "count" in fields && "of" in fields && "text" in fields ? fields : null;
}

function fence(token) {
  const fields = token.info.trim() === "icons" ? iconsFields(token.content) : null;
  if (fields) return nodes.icons.create({ count: fields.count, of: fields.of }, readInline(fields.text));
  const text = token.content.replace(/\n$/, "");
  return nodes.code_block.create({ params: token.info, fence: token.markup }, text ? schema.text(text) : null);
}

function paragraph(inside) {
  if (inside.length !== 1 || inside[0].type !== nodes.image) return nodes.paragraph.create(null, inside);
  const { src, alt, title } = inside[0].attrs;
  return nodes.figure.create({ src, alt }, title ? readInline(title) : null);
}

/** The blocks of these tokens; `ruleOf` gives the line under a table's head as it was typed. */
function blockNodes(tokens, ruleOf) {
  const open = [{ inside: [] }];
  tokens.forEach((token, at) => {
    const name = token.type.replace(/_(?:open|close)$/, "");
    const inside = open.at(-1).inside;
    if (token.type === "inline") inside.push(...inlineNodes(token.children));
    else if (token.type === "fence") inside.push(fence(token));
    else if (token.type === "hr") inside.push(nodes.rule.create({ markup: token.markup }));
    else if (name === "thead" || name === "tbody") return;
    else if (token.nesting > 0) {
      const [type, attributes] = BLOCKS[name];
      const given = type === nodes.table ? { rule: ruleOf(token) } : attributes?.(token, tokens, at);
      open.push({ type, given, inside: [] });
    } else {
      const { type, given, inside: within } = open.pop();
      // A list item or callout may be empty; the document needs a place to write.
      const content = within.length || type.inlineContent ? within : [nodes.paragraph.create()];
      const node = type === nodes.paragraph ? paragraph(within) : type.create(given, content);
      open.at(-1).inside.push(node);
    }
  });
  return open[0].inside;
}

/**
 * The document of a field with blocks, and its origin: the blocks as read, the piece of text each
 * came from (`slices`) and what stands before, between and after these (`gaps`). Joined in turn they
 * are the text.
 */
export function readBlocks(text) {
  const tokens = markdown.parse(text, {});
  const lines = text.split("\n");
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1) + line.length + 1);
  const offset = (line) => Math.min(starts[line] ?? text.length, text.length);
  const ruleOf = ({ map }) => lines[map[0] + 1].trim();
  const origin = { text, blocks: [], slices: [], gaps: [], lines: [] };
  let end = 0;
  for (let from = 0; from < tokens.length;) {
    let to = from;
    let depth = 0;
    do depth += tokens[to++].nesting; while (depth > 0);
    let [first, last] = tokens[from].map;
    // The plugin leaves the closing line of a callout out of its map.
    if (tokens[from].type.startsWith("container_") && /^:+$/.test(tokens[to - 1].markup)) last += 1;
    const blocks = blockNodes(tokens.slice(from, to), ruleOf);
    if (blocks.length !== 1) throw new Error(`One block expected, ${blocks.length} read`);
    const slice = text.slice(offset(first), offset(last)).replace(/[ \t\n]+$/, "");
    origin.blocks.push(blocks[0]);
    origin.gaps.push(text.slice(end, offset(first)));
    origin.slices.push(slice);
    origin.lines.push(first);
    end = offset(first) + slice.length;
    from = to;
  }
  origin.gaps.push(text.slice(end));
  return { doc: nodes.doc.create(null, origin.blocks.length ? origin.blocks : [nodes.paragraph.create()]), origin };
}

/** The document of a field of one line, with the same kind of origin. */
export function readLine(text) {
  const [, before, words, after] = /^([ \t\n]*)([^]*?)([ \t\n]*)$/.exec(text);
  const doc = nodes.line.create(null, readInline(words));
  return { doc, origin: { text, blocks: [doc], slices: [words], gaps: [before, after], lines: [0] } };
}

export const read = (text, { isLine = false } = {}) => (isLine ? readLine(text) : readBlocks(text));
