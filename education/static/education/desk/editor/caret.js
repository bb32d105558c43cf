// The caret at the same words in the surface and in its Markdown: in the same block, after as many
// letters and figures. Signs of Markdown, keys of citations and addresses of links are not counted.
import { Selection } from "../../vendor/editor-vendor.js";
import { read } from "./read.js";

const LEAF = "\ufffc"; // stands for a citation or a line break
const COUNTED = /[\p{L}\p{N}]/u;
const NOT_WORDS = /\[@[^\]]*\]|\]\([^)]*\)|!\[[^\]]*\]|^[ \t]*(?:\d+[.)][ \t]|:{3,}.*|`{3,}.*|~{3,}.*)/gmu;

/** Markdown with blanks where it is no words, as long as it was. */
const wordsAlone = (source) => source.replace(NOT_WORDS, (part) => " ".repeat(part.length));

/** The offset right behind so many letters; the end where there are fewer. */
function offsetAfter(words, count) {
  let [left, at] = [count, 0];
  for (const sign of left ? words : "") {
    at += sign.length;
    if (COUNTED.test(sign) && (left -= 1) === 0) return at;
  }
  return count ? words.length : 0;
}

const countIn = (words) => [...words].filter((sign) => COUNTED.test(sign)).length;

/** What follows the last letter: blanks and stops, between which the caret may stand. */
const endOf = (words) => /[^\p{L}\p{N}]*$/u.exec(words)[0];

/** Goes on from `at` over the same blanks and stops, and over signs of Markdown between them. */
function overEnd(words, at, end) {
  let place = at;
  for (const sign of end) {
    if (sign === LEAF) {
      place += /^\[@[^\]]*\]|^ *\\?\n/.exec(words.slice(place))?.[0].length ?? 0;
      continue;
    }
    let next = place;
    while (/[*_~^`\\]/.test(words[next] ?? "") && words[next] !== sign) next += 1;
    if (words[next] === sign || (/\s/.test(sign) && /\s/.test(words[next] ?? ""))) place = next + 1;
  }
  return place;
}

/** Where the blocks of a text begin and end in it. */
function extents(text, kind) {
  const { origin } = read(text, kind);
  let at = 0;
  return origin.slices.map((slice, number) => {
    const from = at + origin.gaps[number].length;
    at = from + slice.length;
    return { from, slice };
  });
}

/** The offset in a block's Markdown of a place in the document. */
function offsetIn(slice, doc, start, place) {
  const before = doc.textBetween(start, place, "\n", LEAF);
  return overEnd(slice, offsetAfter(wordsAlone(slice), countIn(before)), endOf(before));
}

/** The place in the Markdown of a document where its caret stands. */
export function toSource({ doc, selection: { $head } }, text, kind) {
  const number = kind.isLine ? 0 : $head.index(0);
  const block = extents(text, kind)[number];
  if (!block) return text.length;
  return block.from + offsetIn(block.slice, doc, kind.isLine ? 0 : $head.posAtIndex(number, 0), $head.pos);
}

/** The selection in a document at a place of its Markdown: of all its places the one that leads there, or nearest. */
export function fromSource(doc, offset, text, kind) {
  const blocks = extents(text, kind);
  const number = Math.max(0, blocks.findLastIndex(({ from }) => from <= offset));
  const block = blocks[number];
  if (!block) return Selection.atStart(doc);
  const start = kind.isLine ? 0 : doc.resolve(0).posAtIndex(number);
  const end = kind.isLine ? doc.content.size : start + doc.child(number).nodeSize;
  let nearest = { away: Infinity, place: start };
  for (let place = start; place <= end; place += 1) {
    const away = Math.abs(block.from + offsetIn(block.slice, doc, start, place) - offset);
    if (doc.resolve(place).parent.inlineContent && away < nearest.away) nearest = { away, place };
  }
  return Selection.near(doc.resolve(nearest.place));
}
