// The words of a text as the server knows them: without citation marks, explanations and certainty.

const LEFT_OUT = ".cite, .term-definition, .certainty";
const BLOCK = "p, li, td, th, dt, dd, h2, h3, h4, h5, caption, figcaption, summary, blockquote";

/** Every piece of text within, with a blank where one block ends and the next begins. */
function* pieces(root) {
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let block = null;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest(LEFT_OUT)) continue;
    const own = node.parentElement.closest(BLOCK);
    if (block && own !== block) yield { node: null, words: " " };
    block = own;
    yield { node, words: node.data };
  }
}

const joined = (words) => words.replace(/\s+/g, " ").trim();

/** The words of a stretch that was marked. */
export function wordsOf(root, range) {
  let words = "";
  for (const { node, words: piece } of pieces(root)) {
    if (!node) {
      words += piece;
    } else if (range.intersectsNode(node)) {
      const from = node === range.startContainer ? range.startOffset : 0;
      const to = node === range.endContainer ? range.endOffset : piece.length;
      words += piece.slice(from, to);
    }
  }
  return joined(words);
}

/** Where words stand, as a range; null when they don't. */
export function findWords(root, wanted) {
  let words = "";
  const places = []; // for each character of `words`, its node and offset
  for (const { node, words: piece } of pieces(root)) {
    for (let offset = 0; offset < piece.length; offset += 1) {
      const blank = /\s/.test(piece[offset]);
      if (blank && (!words || words.endsWith(" "))) continue;
      words += blank ? " " : piece[offset];
      places.push([node, offset]);
    }
  }
  const start = words.indexOf(joined(wanted));
  if (start < 0) return null;
  const [first, last] = [places[start], places[start + joined(wanted).length - 1]];
  const range = root.ownerDocument.createRange();
  range.setStart(...first);
  range.setEnd(last[0], last[1] + 1);
  return range;
}
