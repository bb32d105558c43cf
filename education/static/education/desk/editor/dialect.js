// Our Markdown as the server reads it: the rules of education/text/markdown.py, citations.py and
// raised.py for the parser which the server's is a port of, built without its checks for indented code
// (frontend/build.js). A test compares the tokens of both.
import { MarkdownIt, container } from "../../vendor/editor-vendor.js";

export const CALLOUTS = ["warning", "note", "quote"];
const DEEPEST = 20;
const LONGEST_PARAGRAPH = 10_000;
const LONGEST_CITATION = 1_000;
const MOST_CELLS = 2_000;

// What Python's regular expressions call a blank; JavaScript's differ.
const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const CITED = /^[ \t-\r]*@([A-Za-z0-9][A-Za-z0-9_-]{0,79})[ \t-\r]*(?:,[ \t-\r]*([^@;[\]]{1,80}?)[ \t-\r]*)?$/u;
const LOOKS_CITED = new RegExp(`(?:^|[${BLANK};,(-])@(?=[\\p{L}\\p{N}_]|[${BLANK}]*$)`, "u");
const ESCAPED = "\\\\[!-/:-@[-`{-~]";
const RAISED = {
  "^": ["sup", new RegExp(`(?<!\\^)\\^((?:${ESCAPED}|[^${BLANK}\\\\[\\]\`^]){1,100})\\^(?!\\^)`, "uy")],
  "~": ["sub", new RegExp(
    `(?<=(?![\\u2e80-\\uffef])[\\p{L}\\p{Nl}\\p{No}])~((?:${ESCAPED}|[^${BLANK}\\\\[\\]\`~]){1,100})~(?!~)`, "uy",
  )],
};
const TABLE_RULE = new RegExp(`^[${BLANK}>|:-]*-[${BLANK}>|:-]*$`, "u");

/** The works between the brackets of a citation, each with its place in the work; null if malformed. */
export function citedWorks(inside) {
  const works = inside.split(";").map((part) => CITED.exec(part));
  if (works.includes(null)) return null;
  return works.map(([, key, locator]) => ({ key, locator: (locator ?? "").trim().replace(/\s+/g, " ") }));
}

/** The citation of these works as Markdown. */
export const citation = (works) =>
  `[${works.map(({ key, locator }) => `@${key}${locator ? `, ${locator}` : ""}`).join("; ")}]`;

function citationRule(state, silent) {
  const start = state.pos;
  if (state.src[start] !== "[") return false;
  const end = state.src.indexOf("]", start);
  if (end < 0 || end >= Math.min(state.posMax, start + LONGEST_CITATION)) return false;
  const inside = state.src.slice(start + 1, end);
  if (inside.includes("[") || !LOOKS_CITED.test(inside) || !citedWorks(inside)) return false;
  if (!silent) state.push("cite", "", 0).content = state.src.slice(start, end + 1);
  state.pos = end + 1;
  return true;
}

/** Superscripts and subscripts, which hold words alone. */
function raisedRule(state, silent) {
  const sign = state.src[state.pos];
  if (!(sign in RAISED)) return false;
  const [tag, pattern] = RAISED[sign];
  pattern.lastIndex = state.pos;
  const match = pattern.exec(state.src.slice(0, state.posMax));
  if (!match) return false;
  if (!silent) {
    state.push(`${tag}_open`, tag, 1).markup = sign;
    state.push("text", "", 0).content = match[1].replace(/\\([!-/:-@[-`{-~])/g, "$1");
    state.push(`${tag}_close`, tag, -1).markup = sign;
  }
  state.pos = pattern.lastIndex;
  return true;
}

/** No table that has more cells than anybody could read: few characters can ask for very many. */
function boundedTable(table) {
  return (state, start, end, silent) => {
    if (start < (state.env.noTableBefore ?? 0) || start + 1 >= end) return false;
    const rule = state.src.slice(state.bMarks[start + 1], state.eMarks[start + 1]);
    if (!TABLE_RULE.test(rule)) return false;
    let last = start + 2;
    while (last < end && !state.isEmpty(last)) last += 1;
    if (rule.split("|").length * (last - start) > MOST_CELLS) {
      state.env.noTableBefore = last;
      return false;
    }
    return table(state, start, end, silent);
  };
}

/** A backslash before a blank stays with it, so that it ends no line. */
function backslashRule(state, silent) {
  if (!state.src.startsWith("\\ ", state.pos) || state.pos + 1 >= state.posMax) return false;
  if (!silent) {
    const token = state.push("text_special", "", 0);
    token.content = token.markup = "\\ ";
    token.info = "escape";
  }
  state.pos += 2;
  return true;
}

/**
 * Code between backticks as the server finds it: also after words between brackets were looked at
 * for a link, and with all its blanks where there is nothing else.
 */
function backticksRule(state, silent) {
  const start = state.pos;
  const [marker] = /^`*/.exec(state.src.slice(start, state.posMax));
  if (!marker) return false;
  for (const { 0: run, index } of state.src.slice(0, state.posMax).matchAll(/`+/g)) {
    if (index < start + marker.length || run.length !== marker.length) continue;
    // A run that goes on behind the words that are read closes nothing.
    if (state.src[index + run.length] === "`") break;
    if (!silent) {
      const token = state.push("code_inline", "code", 0);
      token.markup = marker;
      token.content = state.src.slice(start + marker.length, index).replace(/\n/g, " ");
      if (/[^ ]/.test(token.content)) token.content = token.content.replace(/^ (.+) $/, "$1");
    }
    state.pos = index + run.length;
    return true;
  }
  if (!silent) state.pending += marker;
  state.pos = start + marker.length;
  return true;
}

function deepest(tokens) {
  let depth = 0;
  return tokens.reduce((most, token) => Math.max(most, (depth += token.nesting)), 0);
}

/** The words of each block, unless there are too many or they nest too deep. */
function boundedInline(state) {
  for (const token of state.tokens) {
    if (token.type !== "inline") continue;
    token.children = [];
    if ([...token.content].length <= LONGEST_PARAGRAPH) {
      state.md.inline.parse(token.content, state.md, state.env, token.children);
      if (deepest(token.children) <= DEEPEST) continue;
    }
    const text = new state.Token("text", "", 0);
    text.content = token.content;
    token.children = [text];
  }
}

function parser() {
  const markdown = new MarkdownIt("commonmark", { html: false, maxNesting: DEEPEST });
  markdown.validateLink = () => true;
  markdown.enable("table");
  markdown.disable(["reference", "lheading", "code", "html_block", "html_inline"]);
  const { block, inline } = markdown;
  const table = block.ruler.__rules__.find(({ name }) => name === "table").fn;
  block.ruler.at("table", boundedTable(table), { alt: ["paragraph", "reference"] });
  inline.ruler.before("escape", "backslash", backslashRule);
  inline.ruler.at("backticks", backticksRule);
  markdown.core.ruler.at("inline", boundedInline);
  inline.ruler.before("link", "citation", citationRule);
  inline.ruler.after("emphasis", "raised", raisedRule);
  for (const kind of CALLOUTS) markdown.use(container, kind);
  return markdown;
}

export const markdown = parser();
