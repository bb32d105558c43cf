// What Markdown can't say, said in the nearest way it can: for blocks that were edited.
import { Fragment } from "../../vendor/editor-vendor.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;
const WORD = /[\p{L}\p{N}]/u;
const BLANK = /\s/;
const LONGEST_RAISED = 100;
const ONE_LINE = new Set([nodes.heading, nodes.table_cell, nodes.table_header, nodes.figure]);

// Words as units: each a character or a leaf, with its marks.
function unitsOf(node) {
  const units = [];
  node.forEach((child) => {
    if (!child.isText) units.push({ leaf: child, marks: child.marks });
    else for (const character of child.text) units.push({ character, marks: child.marks });
  });
  return units;
}

function nodesOf(units) {
  return units.reduce((out, { character, leaf, marks: own }) => {
    const node = leaf ? leaf.mark(own) : schema.text(character, own);
    const last = out.at(-1);
    if (node.isText && last?.isText && last.sameMarkup(node)) out[out.length - 1] = last.withText(last.text + node.text);
    else out.push(node);
    return out;
  }, []);
}

const has = (unit, type) => Boolean(unit && type.isInSet(unit.marks));
const drop = (unit, ...types) => { for (const type of types) unit.marks = type.removeFromSet(unit.marks); };
const isBlank = (unit) => !unit || (unit.character !== undefined && BLANK.test(unit.character));
const isWord = (unit) => Boolean(unit?.character && WORD.test(unit.character));
const isBreak = (unit) => unit?.leaf?.type === nodes.hard_break;

/** Marks where they can stand at all. */
function allowed(units, oneLine) {
  for (const unit of units) {
    if (oneLine || has(unit, marks.code)) drop(unit, marks.wrap);
    if (!unit.leaf) continue;
    drop(unit, marks.code, marks.sup, marks.sub);
    if (unit.leaf.type === nodes.cite) drop(unit, marks.link, marks.em, marks.strong);
    if (oneLine && isBreak(unit)) {
      unit.character = " ";
      delete unit.leaf;
    }
  }
}

/** Without blanks at the ends, or around the end of a line, where more would mean a break. */
function trimmed(units) {
  let [start, end] = [0, units.length];
  while (start < end && (isBlank(units[start]) || isBreak(units[start]))) start += 1;
  while (end > start && (isBlank(units[end - 1]) || isBreak(units[end - 1]))) end -= 1;
  const isPlainBlank = (unit) => isBlank(unit) && !has(unit, marks.wrap) && !isBreak(unit);
  const endsLine = (unit) => has(unit, marks.wrap) || isBreak(unit);
  const kept = units.slice(start, end);
  return kept.filter((unit, at) => {
    if (has(unit, marks.wrap)) return !isBreak(kept[at + 1]) && !isBreak(kept[at - 1]) && !has(kept[at - 1], marks.wrap);
    if (!isPlainBlank(unit)) return true;
    let [before, after] = [at - 1, at + 1];
    while (isPlainBlank(kept[before]) && before >= 0) before -= 1;
    while (isPlainBlank(kept[after]) && after < kept.length) after += 1;
    return !endsLine(kept[before]) && !endsLine(kept[after]);
  });
}

/** Emphasis that begins and ends at words; links and code not at blanks; raised figures without blanks. */
function shrink(units, type) {
  const isEmphasis = type === marks.em || type === marks.strong;
  const isRaised = type === marks.sup || type === marks.sub;
  const stays = (unit, outside) => {
    if (isBlank(unit)) return false;
    if (!isEmphasis) return true;
    return !unit.leaf && (isWord(unit) || !isWord(outside));
  };
  for (let from = 0; from < units.length;) {
    if (!has(units[from], type)) { from += 1; continue; }
    let to = from;
    const mark = type.isInSet(units[from].marks);
    while (to < units.length && type.isInSet(units[to].marks)?.eq(mark)) to += 1;
    let [start, end] = [from, to];
    while (start < end && !stays(units[start], units[start - 1])) start += 1;
    while (end > start && !stays(units[end - 1], units[end])) end -= 1;
    const run = units.slice(start, end);
    const broken = isRaised && (run.length > LONGEST_RAISED || run.some((unit) => isBlank(unit) || /[[\]`]/.test(unit.character)));
    const lost = broken || (type === marks.sub && !/[\p{L}\p{Nl}\p{No}]/u.test(units[start - 1]?.character ?? ""));
    for (let at = from; at < to; at += 1) if (lost || at < start || at >= end) drop(units[at], type);
    from = to;
  }
}

function normalWords(node) {
  const units = unitsOf(node);
  allowed(units, ONE_LINE.has(node.type));
  const kept = trimmed(units);
  for (const type of [marks.em, marks.strong, marks.link, marks.code, marks.sup, marks.sub]) shrink(kept, type);
  return node.copy(Fragment.fromArray(nodesOf(kept)));
}

const isList = ({ type }) => type === nodes.bullet_list || type === nodes.ordered_list;
const isEmpty = (node) => node.type === nodes.paragraph && !node.childCount;

/** Without empty paragraphs, with lists that touch joined, and loose where an item has two paragraphs. */
function normalBlocks(node) {
  const inside = [];
  node.forEach((child) => {
    const block = normalise(child);
    const last = inside.at(-1);
    if (isEmpty(block)) return;
    if (last && isList(last) && last.type === block.type) {
      inside[inside.length - 1] = last.copy(last.content.append(block.content));
    } else inside.push(block);
  });
  const content = inside.length ? inside : [nodes.paragraph.create()];
  if (!isList(node)) return node.copy(Fragment.fromArray(content));
  const isLoose = content.some((item) => {
    let paragraphs = 0;
    item.forEach(({ type }) => { paragraphs += type === nodes.paragraph || type === nodes.figure; });
    return paragraphs > 1;
  });
  return node.type.create({ ...node.attrs, tight: node.attrs.tight && !isLoose }, content);
}

/** The nearest node that can be written as Markdown and read back as itself. */
export function normalise(node) {
  if (node.isLeaf || node.type === nodes.code_block || node.type === nodes.table_row) {
    return node.type === nodes.table_row ? node.copy(Fragment.fromArray(node.children.map(normalise))) : node;
  }
  if (node.type === nodes.table) return node.copy(Fragment.fromArray(node.children.map(normalise)));
  return node.isTextblock || node.type === nodes.line ? normalWords(node) : normalBlocks(node);
}
