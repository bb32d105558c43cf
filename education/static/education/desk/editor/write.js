// From the document to Markdown. What was not touched keeps its bytes; what was touched is written
// the lightest way that reads back as the same.
import { normalise } from "./normalise.js";
import { readBlocks, readLine } from "./read.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;
const PUNCTUATION = /[`*_[\]\\!&<>|~#^]/g;
const MARKUP = /\\(?=[!-/:-@[-`{-~\n]|$)|`|\*|_|\[(?=@)|\](?=\()|!(?=\[)|&(?=#?\w+;)|\^(?=[^\s^]+\^)|~(?=[^\s~]+~)/g;

/** Escapes what would be read as markup; with `all`, every sign that ever could. */
function escaped(text, all) {
  if (all) return text.replace(PUNCTUATION, "\\$&");
  return text.replace(MARKUP, (sign, at) => {
    const [before, after] = [text[at - 1] ?? " ", text[at + 1] ?? " "];
    if (sign === "_" && /\w/.test(before) && /\w/.test(after)) return sign;
    if (sign === "*" && at && /\s/.test(before) && /\s/.test(after)) return sign;
    return `\\${sign}`;
  });
}

/** Escapes what a line can't begin with without being a heading, list, quotation, callout or table. */
const escapedStart = (line) => line
  .replace(/^(\s*)([-+*>]|#{1,6})(?=\s|$)/, "$1\\$2")
  .replace(/^(\s*)(>|:::|```|~~~|---|\|)/, "$1\\$2")
  .replace(/^(\s*\d{1,9})([.)])(?=\s|$)/, "$1\\$2");

function destination(href) {
  let depth = 0;
  const isBalanced = [...href].every((sign) => (depth += (sign === "(") - (sign === ")")) >= 0) && depth === 0;
  return /[\s<>]|^$/.test(href) || !isBalanced ? `<${href.replace(/[<>\\]/g, "\\$&")}>` : href;
}

const titled = (title) => (title ? ` "${title.replace(/\\(?=[!-/:-@[-`{-~])|"/g, "\\$&")}"` : "");

function code(text) {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  const blank = longest || /^ .* $/.test(text) ? " " : "";
  return `${ticks}${blank}${text}${blank}${ticks}`;
}

const OUTER = [marks.link, marks.strong, marks.em];
const opening = ({ type, attrs }) => (type === marks.link ? "[" : attrs.markup);
const closing = ({ type, attrs }) =>
  (type === marks.link ? `](${destination(attrs.href)}${titled(attrs.title)})` : attrs.markup);

/** A leaf or a piece of text, without links and emphasis around it. */
function bare(node, how, startsLine) {
  const has = (type) => type.isInSet(node.marks);
  if (node.type === nodes.cite) return node.attrs.source;
  if (node.type === nodes.hard_break) return "\\\n";
  if (node.type === nodes.image) return `![${node.attrs.alt}](${destination(node.attrs.src)}${titled(node.attrs.title)})`;
  if (has(marks.wrap)) return "\n";
  if (has(marks.code)) return code(node.text);
  for (const [type, sign] of [[marks.sup, "^"], [marks.sub, "~"]]) {
    if (has(type)) return `${sign}${node.text.replace(sign === "^" ? /[\\^]/g : /[\\~]/g, "\\$&")}${sign}`;
  }
  const text = escaped(node.text, how.escapeAll);
  return startsLine && !how.isInline ? escapedStart(text) : text;
}

/** The words of a block. `how.isInline`: in a place where no block can begin. */
function words(block, how) {
  const children = block.children;
  let out = "";
  let open = [];
  const reach = (mark, from) => {
    let to = from;
    while (to < children.length && mark.isInSet(children[to].marks)) to += 1;
    return to;
  };
  children.forEach((node, at) => {
    const wanted = node.marks.filter(({ type }) => OUTER.includes(type));
    let kept = 0;
    while (kept < open.length && open[kept].isInSet(wanted)) kept += 1;
    for (const mark of open.splice(kept).reverse()) out += closing(mark);
    const opened = wanted.filter((mark) => !mark.isInSet(open)).sort((a, b) => reach(b, at) - reach(a, at));
    const startsLine = !out || out.endsWith("\n");
    for (const mark of opened) out += opening(mark);
    open.push(...opened);
    out += bare(node, how, startsLine && !opened.length);
  });
  for (const mark of open.reverse()) out += closing(mark);
  return out;
}

const oneLine = (block, how) => words(block, { ...how, isInline: true }).replace(/\n/g, " ");
const indented = (text, first) => text.split("\n").map((line, at) => {
  if (!at) return `${first}${line}`;
  return line ? `${" ".repeat(first.length)}${line}` : "";
}).join("\n");

/** How many colons the callouts within have, at most; 2 where there are none. */
function colonsWithin(node) {
  let most = 2;
  node.descendants((inner) => {
    if (inner.type === nodes.callout) most = Math.max(most, inner.attrs.markup.length, colonsWithin(inner) + 1);
  });
  return most;
}

function list(node, how, markerOf) {
  const tight = node.attrs.tight && !how.loose;
  const items = node.children.map((item, at) =>
    indented(item.children.map((block) => write(block, how)).join(tight ? "\n" : "\n\n"), markerOf(at)));
  return items.map((item) => item.replace(/[ \t]+$/, "")).join(tight ? "\n" : "\n\n");
}

const WRITERS = {
  line: (node, how) => words(node, { ...how, isInline: true }),
  paragraph: words,
  heading: (node, how) => `${"#".repeat(node.attrs.level)} ${oneLine(node, how)}`.trimEnd(),
  bullet_list: (node, how) => list(node, how, () => `${node.attrs.bullet} `),
  ordered_list: (node, how) => list(node, how, (at) => `${node.attrs.order + at}${node.attrs.delim} `),
  blockquote: (node, how) => inner(node, how).split("\n").map((line) => `> ${line}`.trimEnd()).join("\n"),
  callout(node, how) {
    const { kind, title, markup } = node.attrs;
    const colons = ":".repeat(Math.max(markup.length, colonsWithin(node) + 1));
    return `${colons} ${kind}${title ? ` ${title}` : ""}\n${inner(node, how)}\n${colons}`;
  },
  icons(node, how) {
    const text = words(node, { ...how, isInline: true }).replace(/\\?\n/g, "\n  ");
    return `\`\`\`icons\ncount: ${node.attrs.count}\nof: ${node.attrs.of}\ntext: ${text}\n\`\`\``;
  },
  figure(node, how) {
    const alt = node.attrs.alt.replace(/[[\]\\]/g, "\\$&");
    return `![${alt}](${destination(node.attrs.src)}${titled(oneLine(node, how))})`;
  },
  code_block(node) {
    const { params, fence } = node.attrs;
    return `${fence}${params}\n${node.textContent ? `${node.textContent}\n` : ""}${fence}`;
  },
  rule: ({ attrs }) => (attrs.markup.length < 3 ? "---" : attrs.markup),
  table(node, how) {
    const written = (cell) => ` ${oneLine(cell, how).replace(/\|/g, "\\|")} `.replace(/^ +$/, " ");
    const [head, ...rows] = node.children.map((row) => `|${row.children.map(written).join("|")}|`);
    const columns = node.firstChild.childCount;
    const typed = node.attrs.rule.replace(/^\||\|$/g, "").split("|").length;
    const rule = node.attrs.rule && typed === columns ? node.attrs.rule : `|${"---|".repeat(columns)}`;
    return [head, rule, ...rows].join("\n");
  },
};

const inner = (node, how) => node.children.map((block) => write(block, how)).join("\n\n");
const write = (node, how) => WRITERS[node.type.name](node, how);

const withoutMarks = (node) => {
  if (node.isText) return schema.text(node.text, node.marks.filter(({ type }) => type === marks.wrap));
  return node.isLeaf ? node.mark([]) : node.copy(node.content.constructor.fromArray(node.children.map(withoutMarks)));
};

const withLooseLists = (node) => {
  if (node.isInline || node.isTextblock || node.isLeaf) return node;
  const content = node.children.map(withLooseLists);
  return node.type.create("tight" in node.attrs ? { ...node.attrs, tight: false } : node.attrs, content);
};

/** The table's rule is spelling, and the first writing of a table has none. */
const same = (one, other) => {
  if (one.eq(other)) return true;
  return one.type === nodes.table && other.type === nodes.table && one.content.eq(other.content);
};

const blocksOf = (text, isLine) => (isLine ? readLine(text) : readBlocks(text)).origin.blocks;

/**
 * One block as Markdown that reads back as the same. `lost` where it had to give up its marks:
 * nothing is ever written that reads as other words.
 */
export function writeBlock(block) {
  const plain = normalise(block);
  const isLine = block.type === nodes.line;
  const attempts = [[plain, {}], [plain, { escapeAll: true }], [withLooseLists(plain), { loose: true, escapeAll: true }]];
  for (const [node, how] of attempts) {
    const text = write(node, how);
    const back = blocksOf(text, isLine);
    if (back.length === 1 && same(back[0], node)) return { text, node, lost: false };
  }
  const node = normalise(withoutMarks(plain));
  return { text: write(node, { escapeAll: true }), node, lost: true };
}

/** For each block of the document which original it is, in order where there are equal ones; -1 for a new one. */
function originalsOf(blocks, origin) {
  const left = new Map();
  const keyOf = (block) => `${block.type.name} ${block.textContent}`;
  origin.blocks.forEach((block, at) => left.set(keyOf(block), [...(left.get(keyOf(block)) ?? []), at]));
  let last = -1;
  return blocks.map((block) => {
    const places = left.get(keyOf(block)) ?? [];
    const isSame = (at) => origin.blocks[at] === block || origin.blocks[at].eq(block);
    const at = places.find((place) => place > last && isSame(place)) ?? places.find(isSame) ?? -1;
    if (at < 0) return -1;
    places.splice(places.indexOf(at), 1);
    last = at;
    return at;
  });
}

/** A list right after another of its kind takes the other sign, or both would be one list. */
function apart(block, before) {
  if (before?.type !== block.type) return null;
  if (block.type === nodes.bullet_list && before.attrs.bullet === block.attrs.bullet) {
    return block.type.create({ ...block.attrs, bullet: block.attrs.bullet === "-" ? "*" : "-" }, block.content);
  }
  if (block.type === nodes.ordered_list && before.attrs.delim === block.attrs.delim) {
    return block.type.create({ ...block.attrs, delim: block.attrs.delim === "." ? ")" : "." }, block.content);
  }
  return null;
}

function join(blocks, places, origin) {
  const written = [];
  const lost = [];
  let text = "";
  let before = null;
  blocks.forEach((block, number) => {
    let at = places[number];
    const separate = before !== null && at !== before + 1 ? apart(block, written.at(-1)) : null;
    if (separate) at = -1;
    const anew = at < 0 ? writeBlock(separate ?? block) : null;
    if (anew?.lost) lost.push(block.textContent);
    if (!number) text += origin.gaps[0];
    else text += at >= 0 && at === before + 1 && before >= 0 ? origin.gaps[at] : "\n\n";
    text += anew ? anew.text : origin.slices[at];
    written.push(anew ? anew.node : block);
    before = at;
  });
  return { text: text + origin.gaps.at(-1), written, lost };
}

/**
 * The document as Markdown: `text`; `lost`: the words of blocks that had to give up marks; `isSafe`:
 * whether it reads back as what is shown.
 */
export function writeDocument(doc, origin) {
  const isLine = doc.type === nodes.line;
  if (isLine && !doc.childCount && origin.blocks[0].childCount) return { text: "", lost: [], isSafe: true };
  const blocks = isLine ? [doc] : doc.children.filter((block) => block.type !== nodes.paragraph || block.childCount);
  if (!blocks.length) {
    const text = origin.blocks.length ? "" : origin.text;
    return { text, lost: [], isSafe: true };
  }
  const readsBack = ({ text, written }) => {
    const back = blocksOf(text, isLine);
    return back.length === written.length && back.every((block, at) => same(block, written[at]));
  };
  const places = originalsOf(blocks, origin);
  if (places.every((at, number) => at === number) && blocks.length === origin.blocks.length) {
    return { text: origin.text, lost: [], isSafe: true };
  }
  let result = join(blocks, places, origin);
  // A piece that was never closed swallows what now follows it: then all is written anew.
  if (!readsBack(result)) result = join(blocks, places.map(() => -1), origin);
  return { text: result.text, lost: result.lost, isSafe: readsBack(result) };
}

