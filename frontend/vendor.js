// All that education/static/education/desk/editor/ imports from packages.
export { Fragment, Mark, Schema, Slice } from "prosemirror-model";
export { EditorState, NodeSelection, Plugin, PluginKey, Selection, TextSelection } from "prosemirror-state";
export { Decoration, DecorationSet, EditorView } from "prosemirror-view";
export { Mapping, findWrapping, liftTarget } from "prosemirror-transform";
export { closeHistory, history, redo, redoDepth, undo, undoDepth } from "prosemirror-history";
export { keymap } from "prosemirror-keymap";
export {
  baseKeymap, chainCommands, createParagraphNear, exitCode, lift, liftEmptyBlock, newlineInCode, setBlockType,
  splitBlock, toggleMark, wrapIn,
} from "prosemirror-commands";
export {
  InputRule, inputRules, textblockTypeInputRule, undoInputRule, wrappingInputRule,
} from "prosemirror-inputrules";
export { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
export {
  addColumnAfter, addColumnBefore, addRowAfter, addRowBefore, deleteColumn, deleteRow, deleteTable, goToNextCell,
  isInTable, tableEditing, tableNodes,
} from "prosemirror-tables";
export { dropCursor } from "prosemirror-dropcursor";
export { gapCursor } from "prosemirror-gapcursor";
export { default as MarkdownIt } from "markdown-it";
export { default as container } from "markdown-it-container";
