// One field of a text as people see it. The textarea stays the form's field and the only thing sent.
import {
  EditorState, EditorView, Selection, Slice, closeHistory, dropCursor, gapCursor, history, tableEditing,
} from "../../vendor/editor-vendor.js";
import { fromSource, toSource } from "./caret.js";
import { Chip } from "./chips.js";
import { keys, typedSigns } from "./commands.js";
import { read } from "./read.js";
import { writeDocument } from "./write.js";

const PAUSE = 300; // milliseconds after a change until the form has it

/** What a field holds, by its name; null for one that is written as it is. */
export function kindOf({ name }) {
  if (name.includes("__prefix__")) return null;
  if (name === "body") return { hasHeadings: true, isLine: false };
  if (/^(?:unknowns|questions)$|^claim_checks-\d+-answer$|-cell-[\w-]+-text$/.test(name)) return { hasHeadings: false, isLine: false };
  if (/^short_answer$|^key_messages-\d+-text$|^glossary_terms-\d+-definition$/.test(name)) return { hasHeadings: false, isLine: true };
  return null;
}

/** A surface over a textarea. Throws where the text can't be shown; the textarea then stays. */
export class Surface {
  #timer = 0;
  #written;

  /** `tools`: what the page offers, see writing_surface.js. */
  constructor(field, tools) {
    this.field = field;
    this.kind = kindOf(field);
    this.tools = tools;
    const { doc, origin } = read(field.value, this.kind);
    this.origin = origin;
    this.#written = field.value;
    this.frame = document.createElement("div");
    this.frame.className = "writing";
    this.view = new EditorView(this.frame, {
      state: this.#stateOf(doc),
      attributes: this.#attributes(),
      nodeViews: { cite: (node) => new Chip(node, tools.works) },
      dispatchTransaction: (transaction) => this.#apply(transaction),
      handleDOMEvents: { focus: () => { tools.onFocus(this); return false; } },
      ...tools.pasting(this),
    });
    tools.card.followPointer(this.view);
    field.before(this.frame);
    field.hidden = true;
    this.#showHelp(false);
  }

  /** Goes on where somebody types already. */
  takeFocus() {
    const { state } = this.view;
    if (this.field.selectionStart === this.field.value.length) {
      this.view.dispatch(state.tr.setSelection(Selection.atEnd(state.doc)));
    }
    this.view.focus();
  }

  get label() {
    return this.field.labels?.[0]?.textContent.replace(/[:*]\s*$/, "").trim() ?? "Text";
  }

  #attributes() {
    const label = this.field.labels?.[0];
    if (label) {
      label.id ||= `${this.field.id}-label`;
      label.addEventListener("click", () => { if (!this.frame.hidden) this.view.focus(); });
    }
    const help = this.field.getAttribute("aria-describedby");
    return {
      class: "text", role: "textbox", "aria-multiline": String(!this.kind.isLine), lang: this.tools.language,
      spellcheck: "true", ...(label ? { "aria-labelledby": label.id } : {}), ...(help ? { "aria-describedby": help } : {}),
    };
  }

  #stateOf(doc) {
    const { tools } = this;
    const actions = {
      hasHeadings: this.kind.hasHeadings, onCite: () => tools.cite(this), onLink: () => tools.link(this),
      onEnterChip: () => tools.card.enter(),
    };
    return EditorState.create({ doc, plugins: [
      ...tools.plugins(this), typedSigns(actions), ...keys(actions), history(), dropCursor(), gapCursor(), tableEditing(),
    ] });
  }

  #apply(transaction) {
    this.view.updateState(this.view.state.apply(transaction));
    this.tools.onChange(this, transaction);
    if (!transaction.docChanged) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.sync(), PAUSE);
  }

  /** Gives the form what is shown. False where Markdown would not read back as that. */
  sync() {
    clearTimeout(this.#timer);
    if (this.frame.hidden) return true;
    const { text, isSafe, lost } = writeDocument(this.view.state.doc, this.origin);
    if (lost.length) this.tools.tell(`Emphasis can’t stand as it is in “${lost[0].slice(0, 60)}”, and is left out when saved.`);
    if (text !== this.field.value) {
      this.field.value = text;
      this.#written = text;
      this.field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return isSafe;
  }

  /** Shows the field anew where something else changed it, as one step that can be undone. */
  readAgain() {
    if (this.field.value === this.#written) return;
    const { doc, origin } = read(this.field.value, this.kind);
    this.origin = origin;
    this.#written = this.field.value;
    const { state } = this.view;
    this.view.dispatch(closeHistory(state.tr).replace(0, state.doc.content.size, new Slice(doc.content, 0, 0)));
    clearTimeout(this.#timer);
  }

  /** Shows the textarea, or the surface, with the caret at the same words. */
  showSource(isSource) {
    if (isSource === this.frame.hidden) return;
    const { field, kind, view } = this;
    if (isSource) {
      this.sync();
      const place = toSource(view.state, field.value, kind);
      field.hidden = false;
      this.frame.hidden = true;
      field.setSelectionRange(place, place);
    } else {
      const place = field.selectionStart;
      field.hidden = true;
      this.frame.hidden = false;
      this.readAgain();
      view.dispatch(view.state.tr.setSelection(fromSource(view.state.doc, place, field.value, kind)).scrollIntoView());
    }
    this.#showHelp(isSource);
  }

  /** The help of a field is about Markdown where that is typed, else about the surface. */
  #showHelp(isSource) {
    const help = document.querySelector(`#${this.field.id}_helptext > *`);
    if (!help || !this.field.dataset.help) return;
    this.field.dataset.markdownHelp ??= help.textContent;
    help.textContent = isSource ? this.field.dataset.markdownHelp : this.field.dataset.help;
  }
}
