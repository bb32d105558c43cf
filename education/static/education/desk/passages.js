// Passages of a text: its words as the server knows them, without citation marks, explanations and
// certainty, told from others that read the same by what stands around them.

const LEFT_OUT = ".cite, .term-definition, .certainty";
const BLOCK = "p, li, td, th, dt, dd, h2, h3, h4, h5, caption, figcaption, summary, blockquote";
const MOST_AROUND = 80; // signs kept of what stands before and after

const joined = (words) => words.replace(/\s+/g, " ").trim();

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

/** The words within, one blank for any number of them; and for each unit of them its node and offset. */
function readWords(root) {
  let text = "";
  const places = [];
  for (const { node, words } of pieces(root)) {
    for (let offset = 0; offset < words.length; offset += 1) {
      const isBlank = /\s/.test(words[offset]);
      if (isBlank && (!text || text.endsWith(" "))) continue;
      text += isBlank ? " " : words[offset];
      places.push([node, offset]);
    }
  }
  return { text, places };
}

/** A stretch of a text as a passage: its words, and some of what stands before and after. */
export function passageAt(text, start, end) {
  const words = joined(text.slice(start, end));
  const from = start + text.slice(start, end).search(/\S|$/);
  return {
    words,
    before: text.slice(0, from).slice(-MOST_AROUND).trim(),
    after: text.slice(from + words.length, from + words.length + MOST_AROUND).trim(),
  };
}

const sameAtEnd = (one, other) => {
  let count = 0;
  while (count < Math.min(one.length, other.length) && one.at(-1 - count) === other.at(-1 - count)) count += 1;
  return count;
};

const sameAtStart = (one, other) => sameAtEnd([...one].reverse(), [...other].reverse());

/** Where a passage stands in a text: of all places the one with most of the same around it, or null. */
export function findPassage(text, { words, before = "", after = "" }) {
  const wanted = joined(words);
  let best = null;
  for (let start = wanted ? text.indexOf(wanted) : -1; start >= 0; start = text.indexOf(wanted, start + 1)) {
    const around = sameAtEnd(text.slice(0, start).trimEnd(), before)
      + sameAtStart(text.slice(start + wanted.length).trimStart().slice(0, MOST_AROUND), after);
    if (!best || around > best.around) best = { start, end: start + wanted.length, around };
  }
  return best;
}

/** The passage of words that were marked; null where none are. */
export function markedPassage(root, range) {
  const { text, places } = readWords(root);
  const isMarked = ([node, offset]) => node && range.intersectsNode(node)
    && (node !== range.startContainer || offset >= range.startOffset)
    && (node !== range.endContainer || offset < range.endOffset);
  const start = places.findIndex(isMarked);
  if (start < 0) return null;
  const passage = passageAt(text, start, places.findLastIndex(isMarked) + 1);
  return passage.words ? passage : null;
}

/** Where a passage stands, as a range; null where it doesn't. */
export function findRange(root, passage) {
  const { text, places } = readWords(root);
  const place = findPassage(text, passage);
  if (!place) return null;
  const [first, last] = [places[place.start], places[place.end - 1]];
  const range = root.ownerDocument.createRange();
  range.setStart(...first);
  range.setEnd(last[0], last[1] + 1);
  return range;
}
