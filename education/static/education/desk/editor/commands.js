// What can be done to a text, by keys, by signs that are typed and by the toolbar.
import {
  InputRule, Selection, TextSelection, addRowAfter, baseKeymap, chainCommands, closeHistory, goToNextCell, inputRules,
  isInTable, keymap, lift, liftListItem, redo, setBlockType, sinkListItem, splitListItem, textblockTypeInputRule,
  toggleMark, undo, undoInputRule, wrapIn, wrapInList, wrappingInputRule,
} from "../../vendor/editor-vendor.js";
import { citation, citedWorks } from "./dialect.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;

const isLine = (state) => state.doc.type === nodes.line;
const inBlocks = (command) => (state, dispatch, view) => !isLine(state) && command(state, dispatch, view);

/** Whether the selection stands within a node of this type. */
export function isWithin(state, type) {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) if ($from.node(depth).type === type) return true;
  return false;
}

/** Whether all that is selected, or what is typed next, has the mark. */
export function hasMark(state, type) {
  const { from, to, $from, empty } = state.selection;
  return Boolean(empty ? type.isInSet(state.storedMarks ?? $from.marks()) : state.doc.rangeHasMark(from, to, type));
}

function firstTextBlock({ doc, selection: { from, to } }) {
  let first = null;
  doc.nodesBetween(from, to, (node) => {
    if (node.isTextblock) first ??= node;
    return !first;
  });
  return first;
}

/** A paragraph or a heading; the same heading again makes a paragraph of it. */
export const heading = (level) => inBlocks((state, dispatch) => {
  const block = firstTextBlock(state);
  // A heading stands between blocks, not within one.
  if (!block || !state.doc.children.includes(block)) return false;
  const isThat = block.type === nodes.heading && block.attrs.level === level;
  return (isThat ? setBlockType(nodes.paragraph) : setBlockType(nodes.heading, { level }))(state, dispatch);
});
export const paragraph = inBlocks(setBlockType(nodes.paragraph));

/** A list of this type; in one, back to paragraphs; in the other kind, that kind of list. */
export const list = (type) => inBlocks((state, dispatch) => {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type === type) return liftListItem(nodes.list_item)(state, dispatch);
    if (node.type === nodes.bullet_list || node.type === nodes.ordered_list) {
      dispatch?.(state.tr.setNodeMarkup($from.before(depth), type, { tight: node.attrs.tight }));
      return true;
    }
  }
  return wrapInList(type)(state, dispatch);
});

export const mark = (type) => toggleMark(type);

function hardBreak(state, dispatch) {
  if (isLine(state)) return true;
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
}

/** Enter goes on below: in a table to the next row, after a caption to a new paragraph. */
function below(state, dispatch, view) {
  const { $from } = state.selection;
  if (isInTable(state)) {
    const cell = $from.parent;
    const column = $from.index(-1);
    const [row, table] = [$from.index(-2), $from.node(-2)];
    if (cell.type !== nodes.table_cell && cell.type !== nodes.table_header) return false;
    if (row === table.childCount - 1) {
      addRowAfter(state, (tr) => view.dispatch(tr));
    }
    const now = view.state;
    const start = now.selection.$from.start(-2);
    let position = start;
    for (let at = 0; at <= row; at += 1) position += now.doc.resolve(start).parent.child(at).nodeSize;
    position += 1;
    for (let at = 0; at < column; at += 1) position += now.doc.nodeAt(position).nodeSize;
    view.dispatch(now.tr.setSelection(TextSelection.create(now.doc, position + 1)).scrollIntoView());
    return true;
  }
  if ($from.parent.type !== nodes.figure && $from.parent.type !== nodes.icons) return false;
  const after = $from.after();
  if (dispatch) {
    const tr = state.tr.insert(after, nodes.paragraph.create());
    dispatch(tr.setSelection(Selection.near(tr.doc.resolve(after + 1))).scrollIntoView());
  }
  return true;
}

/** Down from the last row of a table to what stands below: from an empty cell WebKit finds no way. */
function underTable(state, dispatch, view) {
  const { $from, empty } = state.selection;
  if (!empty || !isInTable(state) || $from.index(-2) < $from.node(-2).childCount - 1) return false;
  if ($from.parent.content.size && !view.endOfTextblock("down")) return false;
  const $below = state.doc.resolve($from.after(-2));
  if (!$below.nodeAfter) return false;
  dispatch?.(state.tr.setSelection(Selection.near($below)).scrollIntoView());
  return true;
}

/** Puts a block in place of an empty paragraph, or after the block the caret is in. */
export function insertBlock(view, node) {
  const { state } = view;
  const { $from } = state.selection;
  const isEmpty = $from.parent.type === nodes.paragraph && !$from.parent.content.size;
  // Never into a table or caption: after it.
  const depth = $from.depth && isWithin(state, nodes.table) ? 1 : $from.depth;
  const position = isEmpty ? $from.before() : depth ? $from.after(depth) : state.doc.content.size;
  const tr = closeHistory(state.tr);
  if (isEmpty) tr.replaceWith(position, position + $from.parent.nodeSize, node);
  else tr.insert(position, node);
  // There is always a place to go on writing.
  const after = position + node.nodeSize;
  if (tr.doc.resolve(after).nodeAfter === null) tr.insert(after, nodes.paragraph.create());
  const inside = node.isLeaf ? after : position;
  view.dispatch(tr.setSelection(Selection.near(tr.doc.resolve(inside + 1))).scrollIntoView());
  view.focus();
}

export const callout = (kind, title) => nodes.callout.create({ kind, title }, nodes.paragraph.create());

/** A table of this many columns and rows, the first of them its head. */
export function table(columns, rows) {
  const row = (type) => nodes.table_row.create(null, Array.from({ length: columns }, () => type.create()));
  return nodes.table.create(null, Array.from({ length: rows }, (_, at) => row(at ? nodes.table_cell : nodes.table_header)));
}

/**
 * Cites works where the caret is: after the words and before the stop that ends their sentence, one
 * blank before it; beside another citation they join it.
 */
export function cite(view, works) {
  const { state } = view;
  const { selection } = state;
  const join = (position, node) => {
    const there = citedWorks(node.attrs.source.slice(1, -1)) ?? [];
    const more = works.filter(({ key }) => !there.some((work) => work.key === key));
    const joined = nodes.cite.create({ source: citation([...there, ...more]) });
    return state.tr.replaceWith(position, position + 1, joined);
  };
  let { to } = selection;
  let stop = 0; // the sentence's full stop, before which the work is put and after which one types on
  let tr;
  if (selection.node?.type === nodes.cite) {
    tr = join(selection.from, selection.node);
    to = selection.from;
  } else {
    const { parent, parentOffset } = state.doc.resolve(to);
    const before = parent.textBetween(0, parentOffset, "", (leaf) => (leaf.type === nodes.cite ? "\ufffc" : " "));
    if (/[^.?!。][.?!。]$/.test(before) && (parentOffset === parent.content.size || /\ufffc[.?!。]$/.test(before))) stop = 1;
    to -= stop;
    const $to = state.doc.resolve(to);
    if ($to.nodeBefore?.type === nodes.cite) {
      to -= 1;
      tr = join(to, $to.nodeBefore);
    } else if ($to.nodeAfter?.type === nodes.cite) tr = join(to, $to.nodeAfter);
    else {
      const text = before.slice(0, before.length - (state.doc.resolve(selection.to).parentOffset - $to.parentOffset));
      tr = state.tr;
      if (text && !/\s$/.test(text)) {
        tr.insertText(" ", to);
        to += 1;
      }
      tr.insert(to, nodes.cite.create({ source: citation(works) }));
    }
  }
  view.dispatch(closeHistory(tr).setSelection(TextSelection.create(tr.doc, to + 1 + stop)).scrollIntoView());
  view.focus();
}

/** Links what is selected, or the link at the caret; without an address, ends the link. */
export function link(view, href, words) {
  const { state } = view;
  const { from, to } = linkRange(state);
  const tr = closeHistory(state.tr).removeMark(from, to, marks.link);
  if (href && from === to) tr.insert(from, schema.text(words || href, [marks.link.create({ href })]));
  else if (href) tr.addMark(from, to, marks.link.create({ href }));
  view.dispatch(tr.removeStoredMark(marks.link).scrollIntoView());
  view.focus();
}

/** Where a link would stand: what is selected, or all of the link at the caret. */
export function linkRange(state) {
  const { from, to, empty, $from } = state.selection;
  if (!empty) return { from, to, mark: null };
  const found = marks.link.isInSet($from.marks());
  if (!found) return { from, to, mark: null };
  let start = $from.start();
  let run = null;
  $from.parent.forEach((node) => {
    const isPart = found.isInSet(node.marks);
    if (isPart && run?.to === start) run.to = start + node.nodeSize;
    else if (isPart && !(run && run.from <= from && from <= run.to)) run = { from: start, to: start + node.nodeSize };
    start += node.nodeSize;
  });
  return { ...(run ?? { from, to }), mark: found };
}

const markRule = (pattern, type) => new InputRule(pattern, (state, match, start, end) => {
  const from = start + match[0].indexOf(match[1]);
  return state.tr.replaceWith(from, end, schema.text(match[2], [type.create()])).removeStoredMark(type);
});

function calloutRule(state, match, start, end) {
  const $start = state.doc.resolve(start);
  if ($start.depth !== 1) return null;
  const tr = state.tr.delete(start, end);
  const range = tr.doc.resolve(start).blockRange();
  return range && tr.wrap(range, [{ type: nodes.callout, attrs: { kind: match[1], title: (match[2] ?? "").trim() } }]);
}

const blocks = (rule) => {
  const { handler } = rule;
  rule.handler = (state, ...rest) => (isLine(state) ? null : handler(state, ...rest));
  return rule;
};

/** Signs that become what they stand for; Backspace right after gives them back. */
export const typedSigns = ({ hasHeadings, onCite }) => inputRules({ rules: [
  ...(hasHeadings
    ? [blocks(textblockTypeInputRule(/^(#{2,4})\s$/, nodes.heading, (match) => ({ level: match[1].length })))] : []),
  blocks(wrappingInputRule(/^\s*([-*])\s$/, nodes.bullet_list)),
  blocks(wrappingInputRule(/^(\d+)\.\s$/, nodes.ordered_list, (match) => ({ order: Number(match[1]) }))),
  blocks(wrappingInputRule(/^>\s$/, nodes.callout, { kind: "quote" })),
  blocks(new InputRule(/^::: ?(warning|note|quote)( [^\n]*)?\s$/, calloutRule)),
  markRule(/(?:^|\s)(\*\*([^*\s](?:[^*]*[^*\s])?)\*\*)$/, marks.strong),
  markRule(/(?:^|[^*])(\*([^*\s](?:[^*]*[^*\s])?)\*)$/, marks.em),
  new InputRule(/\[(@[^\][]+)\]$/, (state, match, start, end) => (
    citedWorks(match[1]) ? state.tr.replaceWith(start, end, nodes.cite.create({ source: `[${match[1]}]` })) : null)),
  // The picker opens, and the sign goes; who types "[@key]" is let go on.
  new InputRule(/(?:^|\s)@$/, (state, match, start, end) => {
    queueMicrotask(onCite);
    return state.tr.delete(start + match[0].length - 1, end);
  }),
] });

/** The keys of a surface; those for which there is a dialog are given. */
export const keys = ({ hasHeadings, onCite, onLink, onEnterChip }) => [
  keymap({
    "Mod-z": undo, "Mod-y": redo, "Mod-Shift-z": redo, "Mod-b": mark(marks.strong), "Mod-i": mark(marks.em),
    "Mod-k": () => { onCite(); return true; }, "Mod-Shift-k": () => { onLink(); return true; },
    "Mod-Alt-0": paragraph,
    ...(hasHeadings ? { "Mod-Alt-2": heading(2), "Mod-Alt-3": heading(3), "Mod-Alt-4": heading(4) } : {}),
    "Mod-Shift-7": list(nodes.ordered_list), "Mod-Shift-8": list(nodes.bullet_list),
    "Mod-]": sinkListItem(nodes.list_item), "Mod-[": chainCommands(liftListItem(nodes.list_item), lift),
    Tab: goToNextCell(1), "Shift-Tab": goToNextCell(-1), "Shift-Enter": hardBreak,
    Enter: chainCommands(
      (state) => state.selection.node?.type === nodes.cite && onEnterChip(), isLine, below, splitListItem(nodes.list_item),
    ),
    ArrowDown: underTable,
    Backspace: undoInputRule,
  }),
  keymap(baseKeymap),
];

export const quote = wrapIn(nodes.callout, { kind: "quote" });
