// What the server found in a text, underlined where it stands.
import { Decoration, DecorationSet, Plugin, PluginKey, TextSelection } from "../../vendor/editor-vendor.js";

const key = new PluginKey("problems");

/** The words of a document with the place of each unit of them, one blank for any number. */
export function wordsOf(doc) {
  let text = "";
  const places = [];
  const add = (unit, place) => {
    const isBlank = /\s/.test(unit);
    if (isBlank && (!text || text.endsWith(" "))) return;
    text += isBlank ? " " : unit;
    places.push(place);
  };
  doc.descendants((node, position) => {
    if (node.isText) node.text.split("").forEach((unit, at) => add(unit, position + at));
    else if (node.isTextblock) add(" ", position);
    else if (node.type.name === "hard_break") add(" ", position);
    // The server's words have no blank before a citation.
    else if (node.type.name === "cite" && text.endsWith(" ")) {
      text = text.slice(0, -1);
      places.pop();
    }
  });
  return { text, places };
}

/** Where words stand in a document for the nth time, or else the first; null where they don't. */
export function placeOf(doc, wanted, nth = 0) {
  const words = wanted.replace(/\s+/g, " ").replace(/…$/, "").trim();
  if (!words) return null;
  const { text, places } = wordsOf(doc);
  let start = -1;
  for (let time = 0; time <= nth; time += 1) {
    const next = text.indexOf(words, start + 1);
    if (next < 0) break;
    start = next;
  }
  if (start < 0) return null;
  return { from: places[start], to: places[start + words.length - 1] + 1 };
}

/** Underlines what `setProblems` was last given, and moves with the text. */
export const problemsPlugin = () => new Plugin({
  key,
  state: {
    init: () => DecorationSet.empty,
    apply(transaction, shown) {
      const problems = transaction.getMeta(key);
      if (!problems) return shown.map(transaction.mapping, transaction.doc);
      const decorations = problems.flatMap((problem) => {
        const place = placeOf(transaction.doc, problem.words, problem.nth);
        const look = { class: problem.mustMend ? "problem problem--must" : "problem" };
        return place ? [Decoration.inline(place.from, place.to, look, { problem })] : [];
      });
      return DecorationSet.create(transaction.doc, decorations);
    },
  },
  props: { decorations: (state) => key.getState(state) },
});

export function setProblems(view, problems) {
  view.dispatch(view.state.tr.setMeta(key, problems).setMeta("addToHistory", false));
}

/** The problems of a view in the order of its text: `{ from, to, problem }`. */
export const shownProblems = (view) => key.getState(view.state).find()
  .map(({ from, to, spec }) => ({ from, to, problem: spec.problem })).sort((a, b) => a.from - b.from);

/** Selects words and brings them into view. False where they don't stand there. */
export function select(view, place) {
  if (!place) return false;
  const { tr, doc } = view.state;
  view.focus();
  view.dispatch(tr.setSelection(TextSelection.between(doc.resolve(place.from), doc.resolve(place.to))));
  // At the start of a block that gives the block, whose parent is the whole text.
  const { node, offset } = view.domAtPos(place.from);
  const start = node.childNodes[offset] ?? node;
  (start instanceof Element ? start : start.parentElement).scrollIntoView({ block: "center" });
  return true;
}
