// What Word, Google Docs, LibreOffice and web pages put on the clipboard, as what our text can hold.
// What can't come along is told, in the words that the import of Word files has for it.
import { Fragment, Slice } from "../../vendor/editor-vendor.js";
import { identifierIn } from "../citing.js";
import { read, readInline } from "./read.js";
import { schema } from "./schema.js";

const { nodes } = schema;
const LOOKS_MARKED = /\[@|^#{1,6} |^[-*] |^\d+\. |^\||^:::|^```/m;
const KEPT = new Set([
  "href", "start", "data-cite", "data-callout", "data-title", "data-inside", "data-count", "data-of", "data-icons",
  "data-src", "data-alt", "data-pm-slice",
]);
// A raised number after a figure or a unit is a power; after a word it cites something.
const POWER = /(?:\d|\b[kcdµ]?m|[×x·] ?10)$/;
const NUMBERS = /^\[?\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]?$/;

// Text without structure whose longest line has this many signs was broken into lines, as in a PDF.
const WRAPPED = { from: 50, to: 140 };
const MOST_MERGED = 50; // columns of one cell
const BULLET = /^[•◦▪‣]\s*/;
const CJK = /[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/;

const styleOf = (element) => element.dataset.style ?? "";
const unwrap = (element) => element.replaceWith(...element.childNodes);

function rename(element, tag) {
  const made = element.ownerDocument.createElement(tag);
  made.append(...element.childNodes);
  element.replaceWith(made);
  return made;
}

/** Declarations of CSS as `name:value` without blanks, the last one for each name. */
function declarations(css) {
  const pairs = css.toLowerCase().replace(/\s/g, "").split(";").map((pair) => pair.split(/:(.*)/));
  return [...new Map(pairs.filter(([, value]) => value))].map(([name, value]) => `${name}:${value}`).join(";");
}

/** Gives each element the style of its classes too: Apple's programs and Excel say there what is struck out. */
function inlineStyles(body, css) {
  const styles = new Map();
  for (const [, selectors, inside] of css.replace(/<!--|-->|\/\*[^]*?\*\//g, "").matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    for (const selector of selectors.split(",").map((words) => words.trim().toLowerCase())) {
      if (/^\w*\.[\w-]+$/.test(selector)) styles.set(selector, `${styles.get(selector) ?? ""};${inside}`);
    }
  }
  for (const element of body.querySelectorAll("[class], [data-style]")) {
    const tag = element.tagName.toLowerCase();
    const given = [...element.classList].map((name) => name.toLowerCase()).flatMap((name) => [styles.get(`.${name}`), styles.get(`${tag}.${name}`)]);
    const style = declarations([...given, styleOf(element)].filter(Boolean).join(";"));
    if (style) element.dataset.style = style;
  }
}

/** Word for the web has a list for each item, which says its level; here they become one list. */
function webLists(body) {
  body.querySelectorAll(".ListContainerWrapper").forEach(unwrap);
  for (const list of body.querySelectorAll("ul, ol")) {
    const level = Number(list.querySelector(":scope > li")?.dataset.ariaLevel ?? 0);
    let before = list.previousElementSibling;
    if (!level || !before?.matches("ul, ol")) continue;
    let depth = 1;
    for (let inner = before; inner && depth < level;) {
      inner = inner.lastElementChild?.lastElementChild;
      if (!inner?.matches("ul, ol")) break;
      before = inner;
      depth += 1;
    }
    if (depth < level && before.lastElementChild) before.lastElementChild.append(list);
    else if (before.tagName === list.tagName) {
      before.append(...list.children);
      list.remove();
    } else before.after(list);
  }
}

/** Word's lists are paragraphs with a level; here they become lists. */
function wordLists(body) {
  const levelOf = (element) => Number(/mso-list:\S*?level(\d)/.exec(element?.tagName === "P" ? styleOf(element) : "")?.[1] ?? 0);
  for (const first of [...body.querySelectorAll("p")]) {
    if (!first.isConnected || !levelOf(first) || first.closest("li")) continue;
    const place = body.ownerDocument.createElement("div");
    first.before(place);
    const open = [];
    for (let item = first; levelOf(item);) {
      const next = item.nextElementSibling;
      const level = levelOf(item);
      const sign = item.querySelector("[data-style*='mso-list']");
      const isNumbered = /^\(?[\da-z]{1,4}[.)]/i.test(sign?.textContent.replace(/\s/g, "") ?? "");
      sign?.remove();
      open.length = Math.min(open.length, level);
      while (open.length < level) {
        const list = body.ownerDocument.createElement(isNumbered ? "ol" : "ul");
        const parent = open.at(-1);
        if (parent) (parent.lastElementChild ?? parent.appendChild(body.ownerDocument.createElement("li"))).append(list);
        else place.append(list);
        open.push(list);
      }
      open.at(-1).append(rename(item, "li"));
      item = next;
    }
    unwrap(place);
  }
}

/**
 * Puts an empty cell wherever a merged one reaches over, so that every other stays under its head.
 * Says whether there was one.
 */
function divideMerged(rows) {
  const covered = []; // in each column: how many rows below are reached over
  const emptyCell = (row) => row.ownerDocument.createElement("td");
  let wasMerged = false;
  for (const row of rows) {
    let column = 0;
    const passCovered = (next) => {
      for (; covered[column] > 0; column += 1) {
        covered[column] -= 1;
        row.insertBefore(emptyCell(row), next);
      }
    };
    for (const cell of [...row.cells]) {
      passCovered(cell);
      const columns = Math.min(cell.colSpan, MOST_MERGED);
      wasMerged ||= columns > 1 || cell.rowSpan > 1;
      for (let more = 0; more < columns; more += 1) {
        if (more) cell.after(emptyCell(row));
        covered[column] = cell.rowSpan - 1;
        column += 1;
      }
    }
    passCovered(null);
  }
  return wasMerged;
}

/** Cells of one column and row with words alone; the first row is the head. */
function tables(body, tell) {
  for (const table of body.querySelectorAll("table")) {
    if (table.parentElement.closest("table")) { tell("tables within tables were taken apart"); unwrap(table); continue; }
    for (const cell of table.querySelectorAll("td, th")) {
      cell.querySelectorAll("p, div, li, ul, ol, h1, h2, h3, h4, h5, h6, br").forEach((inner) => {
        if (inner.previousSibling) inner.before(" ");
        inner.replaceWith(...inner.childNodes);
      });
    }
    table.querySelectorAll("caption, colgroup, col").forEach((element) => element.remove());
    const rows = [...table.querySelectorAll("tr")];
    if (divideMerged(rows)) tell("merged cells were taken apart");
    const columns = Math.max(0, ...rows.map((row) => row.cells.length));
    if (!columns) { table.remove(); continue; }
    rows.forEach((row, at) => {
      while (row.cells.length < columns) row.append(row.ownerDocument.createElement("td"));
      for (const cell of [...row.cells]) rename(cell, at ? "td" : "th");
    });
  }
}

/** Raised and lowered words stay so; raised numbers after words are told. */
function raised(body, tell) {
  for (const element of body.querySelectorAll("sup")) {
    const words = element.textContent.trim();
    const before = element.previousSibling?.textContent ?? "";
    if (NUMBERS.test(words) && !POWER.test(before) && /[\p{L}.,;)”]$/u.test(before)) {
      tell("raised numbers look like citations: cite the works instead");
      element.replaceWith(` [${words.replace(/[[\]]/g, "")}]`);
    }
  }
}

/**
 * The HTML of a clipboard as our schema reads it. `tell(words)` is called once for each thing that
 * was left out or changed.
 */
export function cleanHtml(html, tell) {
  // A <style> or style= that is parsed counts as one of the page's, which our policy refuses.
  const bare = html.replace(/<style[^]*?<\/style>/gi, "").replace(/<!--[^]*?-->/g, "")
    .replace(/<!\[(?:if|endif)[^>]*>/gi, "").replace(/\sstyle\s*=/gi, " data-style=");
  const { body } = new DOMParser().parseFromString(bare, "text/html");
  inlineStyles(body, [...html.matchAll(/<style[^>]*>([^]*?)<\/style>/gi)].map(([, css]) => css).join("\n"));
  const each = (selector, act) => body.querySelectorAll(selector).forEach(act);
  const drop = (selector, words) => each(selector, (element) => { if (words) tell(words); element.remove(); });

  drop("style, script, meta, link, title, xml, head, o\\:p");
  drop("[class*=MsoComment], [data-style*='mso-element:comment'], [id^=_com_], a[href^='#_msocom']", "comments were left out");
  each("td[data-style*='line-through'], th[data-style*='line-through']", (cell) => {
    if (cell.textContent.trim()) tell("struck-out words were left out");
    cell.replaceChildren();
  });
  drop("del, s, strike, [data-style*='line-through']:not(td, th)", "struck-out words were left out");
  drop("[hidden], [data-style*='display:none'], [data-style*='mso-hide:all']", "hidden words were left out");
  drop("img, picture, video, iframe, object, canvas, v\\:shape", "pictures were left out: insert a figure");
  drop("math, m\\:omath", "formulas were left out");
  each("ins", (element) => { tell("tracked insertions were taken over"); unwrap(element); });
  each("u, [data-style*='text-decoration:underline']", (element) => {
    if (element.closest("a") || element.querySelector("a")) return;
    tell("underlines were left out");
    if (element.tagName === "U") unwrap(element);
  });
  each("b", (element) => { if (/(?:^|;)font-weight:(?:normal|400)/.test(styleOf(element))) unwrap(element); });
  each("span[data-style]", (element) => {
    const style = styleOf(element);
    if (/mso-list:ignore/.test(style)) return;
    let inner = element;
    if (/vertical-align:super/.test(style)) inner = rename(inner, "sup");
    else if (/vertical-align:sub/.test(style)) inner = rename(inner, "sub");
    for (const [isOn, tag] of [[/(?:^|;)font-weight:(?:bold|[6-9]00)/.test(style), "strong"], [/font-style:italic/.test(style), "em"]]) {
      if (!isOn) continue;
      const mark = body.ownerDocument.createElement(tag);
      mark.append(...inner.childNodes);
      inner.append(mark);
    }
  });
  wordLists(body);
  webLists(body);
  each("[role=heading][aria-level]:not(h1, h2, h3, h4, h5, h6)", (element) => {
    rename(element, `h${Math.min(Math.max(Number.parseInt(element.getAttribute("aria-level"), 10) || 2, 1), 6)}`);
  });
  each("p[class^=MsoTitle]", (element) => rename(element, "h2"));
  each("a", (element) => {
    const href = element.getAttribute("href") ?? "";
    if (/^(?:https?:|mailto:)/i.test(href)) return;
    if (href && !href.startsWith("#")) tell("links to files were left out, their words stay");
    unwrap(element);
  });
  tables(body, tell);
  raised(body, tell);
  each("li > p:only-child, li > div:only-child", unwrap);
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replace(/[\s\u00a0]+/g, " ");
  each("p, h1, h2, h3, h4, h5, h6", (element) => { if (!element.textContent.trim() && !element.querySelector("[data-cite]")) element.remove(); });
  each("*", (element) => {
    for (const { name } of [...element.attributes]) if (!KEPT.has(name)) element.removeAttribute(name);
  });
  return body.innerHTML;
}

/** Headings as bold paragraphs, where a field has none. */
function withoutHeadings(fragment) {
  const { strong } = schema.marks;
  const nodesOf = (children) => children.map((node) => {
    if (node.type === nodes.heading) {
      return nodes.paragraph.create(null, node.children.map((child) => child.mark(strong.create().addToSet(child.marks))));
    }
    return node.isTextblock || node.isLeaf ? node : node.copy(Fragment.fromArray(nodesOf(node.children)));
  });
  return Fragment.fromArray(nodesOf(fragment.content));
}

/** Headings of the levels that a text has. */
function withLevels(node) {
  if (node.type !== nodes.heading) return node;
  return node.type.create({ ...node.attrs, level: Math.min(Math.max(node.attrs.level, 2), 4) }, node.content);
}

/** The paragraphs and bulleted items of words; lines that were broken at a width are put together again. */
function linesOf(words, note) {
  const out = [];
  let last = "";
  const lines = words.split("\n").map((line) => line.trim());
  const widest = Math.max(...lines.map(({ length }) => length));
  const isWrapped = widest >= WRAPPED.from && widest <= WRAPPED.to;
  for (const line of lines) {
    const goesOn = isWrapped && last.length >= widest * 0.7 && !/[.?!:。？！：]$/.test(last) && !BULLET.test(line);
    if (line && goesOn) {
      const before = out.at(-1);
      if (/\p{L}[-\u00ad\u2010]$/u.test(last) && /^\p{Ll}/u.test(line)) {
        note("words that were divided at the end of a line were joined: look at them");
        before.text = before.text.slice(0, -1) + line;
      } else before.text += (CJK.test(last.at(-1)) && CJK.test(line[0]) ? "" : " ") + line;
      note("broken lines were joined");
    } else if (line.replace(BULLET, "")) out.push({ text: line.replace(BULLET, ""), isItem: BULLET.test(line) });
    last = line;
  }
  return out;
}

/** Our Markdown where the words look like it, else paragraphs and lists. */
function plainSlice(text, surface, note) {
  const words = text.replace(/\r\n?/g, "\n");
  if (surface.kind.isLine) return new Slice(readInline(words.trim().replace(/\s*\n\s*/g, " ")), 0, 0);
  if (LOOKS_MARKED.test(words)) {
    const { doc } = read(words);
    const isOne = doc.childCount === 1 && doc.firstChild.type === nodes.paragraph;
    return new Slice(Fragment.fromArray(doc.children.map(withLevels)), isOne ? 1 : 0, isOne ? 1 : 0);
  }
  const content = [];
  for (const { text: line, isItem } of linesOf(words, note)) {
    const paragraph = nodes.paragraph.create(null, schema.text(line));
    const item = isItem && nodes.list_item.create(null, paragraph);
    const list = content.at(-1);
    if (!item) content.push(paragraph);
    else if (list?.type === nodes.bullet_list) content[content.length - 1] = list.copy(list.content.addToEnd(item));
    else content.push(nodes.bullet_list.create(null, item));
  }
  const open = (node) => (node?.type === nodes.paragraph ? 1 : 0);
  return new Slice(Fragment.fromArray(content), open(content[0]), open(content.at(-1)));
}

/**
 * What an editor does with what is pasted or dropped; `tell(words)` is the page's status line.
 * `offerWork({ identifier, from, to })` is called once a DOI or PubMed number was pasted alone.
 */
export function pasting(surface, tell, offerWork = () => {}) {
  let told = new Map();
  const note = (words) => told.set(words, (told.get(words) ?? 0) + 1);
  const report = () => {
    if (told.size) tell(`Pasted. ${[...told].map(([words, count]) => `${count > 1 ? `${count} times: ` : ""}${words}`).join("; ")}. Ctrl+Z takes it back.`);
    told = new Map();
  };
  return {
    transformPastedHTML: (html) => (html.includes("data-pm-slice") ? html.replace(/\sstyle\s*=/gi, " data-style=") : cleanHtml(html, note)),
    clipboardTextParser: (text, _, isPlain) => {
      if (!isPlain) return plainSlice(text, surface, note);
      const lines = text.replace(/\r\n?/g, "\n").split(/\n+/).map((line) => line.trim()).filter(Boolean);
      if (surface.kind.isLine || !lines.length) return lines.length ? new Slice(readPlain(lines.join(" ")), 0, 0) : Slice.empty;
      return new Slice(nodes.doc.create(null, lines.map((line) => nodes.paragraph.create(null, schema.text(line)))).content, 1, 1);
    },
    transformPasted: (slice) => {
      if (surface.kind.hasHeadings || surface.kind.isLine) return slice;
      const content = withoutHeadings(slice.content);
      return content.eq(slice.content) ? slice : new Slice(content, slice.openStart, slice.openEnd);
    },
    handlePaste: (view, event, slice) => {
      queueMicrotask(report);
      const identifier = identifierIn(event.clipboardData?.getData("text/plain") ?? "");
      if (identifier) {
        // The words stand there, should no work be chosen for them.
        const { from } = view.state.selection;
        queueMicrotask(() => offerWork({ identifier, from, to: view.state.selection.to }));
      }
      const { $from } = view.state.selection;
      const { firstChild: first } = slice.content;
      // A heading, list or table stays one, also where it is pasted into a paragraph with words.
      if (!first || surface.kind.isLine || !$from.parent.content.size || $from.parent.type !== nodes.paragraph) return false;
      if (first.isInline || first.type === nodes.paragraph) return false;
      view.dispatch(view.state.tr.replaceSelection(new Slice(slice.content, 0, 0)).scrollIntoView());
      return true;
    },
    handleDrop: () => {
      queueMicrotask(report);
      return false;
    },
  };
}

const readPlain = (text) => nodes.line.create(null, schema.text(text)).content;
