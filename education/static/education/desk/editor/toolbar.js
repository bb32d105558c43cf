// One toolbar for all surfaces: it acts on the one that was written in last. One stop for the Tab
// key; arrows move within it.
import {
  addColumnAfter, addColumnBefore, addRowAfter, addRowBefore, deleteColumn, deleteRow, deleteTable, isInTable, redo,
  redoDepth, undo, undoDepth,
} from "../../vendor/editor-vendor.js";
import * as commands from "./commands.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;
const isMac = /Mac|iP(?:hone|ad)/.test(navigator.platform);
const shown = (keys) => (isMac ? keys.replace("Ctrl", "⌘") : keys);

/** A tool: its name and sign, what it does, where it can be used, whether it is on, its keys. */
const tool = (name, sign, act, { fits = () => true, isOn = null, keys = "", isEnabled = () => true } = {}) =>
  ({ name, sign, act, fits, isOn, keys, isEnabled });

const command = (run) => (surface) => {
  run(surface.view.state, surface.view.dispatch, surface.view);
  surface.view.focus();
};
const inBlocks = ({ kind }) => !kind.isLine;
const withHeadings = ({ kind }) => kind.hasHeadings;
const isHeading = (level) => ({ selection: { $from: { parent } } }) => parent.type === nodes.heading && parent.attrs.level === level;

const TABLE = [
  ["Row below", addRowAfter], ["Row above", addRowBefore], ["Column after", addColumnAfter],
  ["Column before", addColumnBefore], ["Remove this row", deleteRow], ["Remove this column", deleteColumn],
  ["Remove the table", deleteTable],
];

/** The head of a table can't go, nor can a row come above it. */
function tableCommand(run) {
  return (state, dispatch, view) => {
    const isHead = state.selection.$from.parent.type === nodes.table_header;
    if (isHead && (run === addRowBefore || run === deleteRow)) return false;
    return run(state, dispatch, view);
  };
}

const toolsOf = (page) => [
  tool("Paragraph", "Text", command(commands.paragraph), {
    fits: withHeadings, keys: "Ctrl+Alt+0", isOn: ({ selection: { $from } }) => $from.parent.type === nodes.paragraph,
  }),
  tool("Heading", "Heading", command(commands.heading(2)), { fits: withHeadings, keys: "Ctrl+Alt+2", isOn: isHeading(2) }),
  tool("Smaller heading", "Smaller heading", command(commands.heading(3)), { fits: withHeadings, keys: "Ctrl+Alt+3", isOn: isHeading(3) }),
  tool("Bold", "B", command(commands.mark(marks.strong)), { keys: "Ctrl+B", isOn: (state) => commands.hasMark(state, marks.strong) }),
  tool("Italic", "I", command(commands.mark(marks.em)), { keys: "Ctrl+I", isOn: (state) => commands.hasMark(state, marks.em) }),
  tool("Raised, as in 10⁶", "x²", command(commands.mark(marks.sup)), { isOn: (state) => commands.hasMark(state, marks.sup) }),
  tool("Lowered, as in CO₂", "x₂", command(commands.mark(marks.sub)), { isOn: (state) => commands.hasMark(state, marks.sub) }),
  tool("Link", "Link", page.link, { keys: "Ctrl+Shift+K", isOn: (state) => Boolean(commands.linkRange(state).mark) }),
  tool("List", "List", command(commands.list(nodes.bullet_list)), {
    fits: inBlocks, keys: "Ctrl+Shift+8", isOn: (state) => commands.isWithin(state, nodes.bullet_list),
  }),
  tool("Numbered list", "1. List", command(commands.list(nodes.ordered_list)), {
    fits: inBlocks, keys: "Ctrl+Shift+7", isOn: (state) => commands.isWithin(state, nodes.ordered_list),
  }),
  tool("Cite evidence", "Cite", page.cite, { keys: "Ctrl+K" }),
  tool("Comment on the marked words", "Comment", page.comment, {
    fits: () => Boolean(page.comment), keys: "Ctrl+Alt+M", isEnabled: ({ selection }) => !selection.empty,
  }),
  tool("Insert a block", "Insert ▾", page.insert, { fits: inBlocks, keys: "/" }),
  tool("Change the table", "Table ▾", (surface, button) => page.menu(surface, button, "Table", TABLE.map(([words, run]) =>
    [words, () => command(tableCommand(run))(surface)])), { fits: inBlocks, isEnabled: isInTable }),
  tool("Change the callout, icon array or figure", "Change…", page.change, {
    fits: inBlocks,
    isEnabled: (state) => [nodes.callout, nodes.icons, nodes.figure].some((type) =>
      commands.isWithin(state, type) || state.selection.node?.type === type),
  }),
  tool("Undo", "↶", command(undo), { keys: "Ctrl+Z", isEnabled: (state) => undoDepth(state) > 0 }),
  tool("Redo", "↷", command(redo), { keys: "Ctrl+Y", isEnabled: (state) => redoDepth(state) > 0 }),
];

/** The toolbar. `page`: the actions that ask something, see writing_surface.js. */
export class Toolbar {
  #surface = null;
  #buttons;
  #element = document.createElement("div");

  constructor(page) {
    this.#element.className = "writing-tools";
    this.#element.setAttribute("role", "toolbar");
    this.#element.setAttribute("aria-label", "Formatting");
    this.#buttons = toolsOf(page).map((entry) => [this.#button(entry), entry]);
    this.#element.addEventListener("keydown", (event) => this.#move(event));
  }

  get element() {
    return this.#element;
  }

  #button(entry) {
    const { name, sign, act, keys, isOn } = entry;
    const button = Object.assign(document.createElement("button"), {
      type: "button", textContent: sign, title: keys ? `${name} (${shown(keys)})` : name, tabIndex: -1,
    });
    button.setAttribute("aria-label", name);
    if (isOn) button.setAttribute("aria-pressed", "false");
    if (sign.endsWith("▾")) button.setAttribute("aria-haspopup", "menu");
    // The words stay selected in the text.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      if (this.#surface && button.getAttribute("aria-disabled") !== "true") act(this.#surface, button);
    });
    this.#element.append(button);
    return button;
  }

  /** Acts on this surface from now on. */
  follow(surface) {
    this.#surface = surface;
    this.#element.setAttribute("aria-label", `Formatting of ${surface.label}`);
    for (const [button, { fits }] of this.#buttons) button.hidden = !fits(surface);
    this.update(surface);
    const first = this.#shown()[0];
    for (const [button] of this.#buttons) button.tabIndex = button === first ? 0 : -1;
  }

  /** Shows what is on where the caret is. */
  update(surface) {
    if (surface !== this.#surface) return;
    const { state } = surface.view;
    for (const [button, { isOn, isEnabled }] of this.#buttons) {
      if (isOn) button.setAttribute("aria-pressed", String(isOn(state)));
      button.setAttribute("aria-disabled", String(!isEnabled(state)));
    }
  }

  focus() {
    this.#shown().find((button) => button.tabIndex === 0)?.focus();
  }

  #shown() {
    return this.#buttons.map(([button]) => button).filter((button) => !button.hidden);
  }

  #move(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.#surface?.view.focus();
      return;
    }
    const all = this.#shown();
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -all.length, End: all.length }[event.key];
    if (!step) return;
    event.preventDefault();
    const to = Math.min(Math.max(all.indexOf(document.activeElement) + step, 0), all.length - 1);
    all.forEach((button, place) => { button.tabIndex = place === to ? 0 : -1; });
    all[to].focus();
  }
}
