// The writing surface of a draft's form: a surface over each field that has one, with one toolbar.
// Where anything of it fails, the text boxes stay as they are without script.
import { NodeSelection, Plugin, Selection, keymap } from "../vendor/editor-vendor.js";
import { Card } from "./editor/chips.js";
import * as commands from "./editor/commands.js";
import { Comments, commentsPlugin } from "./editor/comments.js";
import { askCallout, askFigure, askIcons, askLink, askTable } from "./editor/dialogs.js";
import { openMenu } from "./editor/menu.js";
import { pasting } from "./editor/paste.js";
import { placeOf, problemsPlugin, select, setProblems, shownProblems } from "./editor/problems.js";
import { readInline } from "./editor/read.js";
import { schema } from "./editor/schema.js";
import { Surface, kindOf } from "./editor/surface.js";
import { Toolbar } from "./editor/toolbar.js";
import { Works } from "./editor/works.js";

const SOURCE = "portal-writes-markdown";
const PLACE = "portal-writing-place";
const { nodes } = schema;

const element = (tag, properties, ...inside) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...inside);
  return node;
};

class WritingPage {
  #form;
  #panel;
  #surfaces = new Map();
  #active = null;
  #status = element("p", { className: "writing-status" });
  #measures = element("p", { className: "writing-measures" });
  #isSource = false;

  constructor(form, panel, findWork) {
    this.#form = form;
    this.#panel = panel;
    this.language = panel.dataset.language;
    this.works = new Works(panel.dataset.find);
    this.card = new Card(this.works, (view) => this.cite(this.#surfaceOf(view)));
    this.findWork = findWork;
    this.comments = new Comments(panel.querySelector("[data-comments]"), {
      surfaces: () => [...this.#surfaces.values()], tell: (words) => this.tell(words),
      token: form.elements.csrfmiddlewaretoken.value,
      showSurfaces: () => { if (this.#isSource) this.showSource(false); },
    });
    this.#status.setAttribute("role", "status");
    this.toolbar = new Toolbar({
      link: (surface) => this.link(surface), cite: (surface) => this.cite(surface),
      insert: (surface, button) => this.insert(surface, button?.getBoundingClientRect()),
      change: (surface) => this.change(surface),
      comment: this.comments.isOffered ? (surface) => this.comments.comment(surface) : null,
      menu: (surface, button, label, items) => openMenu({
        label, items, place: button.getBoundingClientRect(), back: () => surface.view.focus(),
      }),
    });
  }

  start() {
    // Before anything is hidden, or who types already would lose the keys.
    try {
      this.#isSource = Boolean(localStorage.getItem(SOURCE));
    } catch { /* no storage in this browser */ }
    this.#form.querySelectorAll("textarea").forEach((field) => this.#equip(field));
    if (!this.#surfaces.size) return;
    this.#buildBar();
    this.#follow(this.#surfaces.values().next().value);
    document.addEventListener("formset:added", ({ target }) => {
      target.querySelectorAll("textarea").forEach((field) => this.#equip(field));
    });
    // What others set (“Put it back”, “Take theirs”) is shown.
    this.#form.addEventListener("input", () => {
      for (const surface of this.#surfaces.values()) if (!surface.frame.hidden) this.#guard(surface, () => surface.readAgain());
    });
    this.#form.addEventListener("submit", (event) => this.#beforeSubmit(event), true);
    window.addEventListener("pagehide", () => this.sync());
    this.#form.addEventListener("desk:show", (event) => this.#show(event));
    this.#form.addEventListener("desk:drawn", ({ detail }) => this.#underline(detail.problems));
    window.dispatchEvent(new Event("desk:ready"));
    this.#panel.querySelector("[data-as-readers]").open = false;
    document.addEventListener("keydown", (event) => this.#pageKeys(event));
    this.comments.start();
    if (this.#isSource) this.showSource(true);
    this.#backToPlace();
  }

  // Surfaces

  #equip(field) {
    if (!kindOf(field) || this.#surfaces.has(field)) return;
    const isTyping = document.activeElement === field;
    let surface;
    try {
      surface = new Surface(field, this);
    } catch {
      this.#explain(field);
      return;
    }
    this.#surfaces.set(field, surface);
    if (this.#isSource) surface.showSource(true);
    field.closest(".form-row")?.classList.add("writing-row");
    if (isTyping && !this.#isSource) surface.takeFocus();
  }

  #explain(field) {
    const textContent = "This field can’t be shown as readers will see it, and is written as Markdown.";
    field.before(element("p", { className: "desk-help", textContent }));
  }

  /** Goes back to the text box where a surface fails. */
  #guard(surface, act) {
    try {
      return act();
    } catch {
      surface.field.hidden = false;
      surface.frame.remove();
      this.#surfaces.delete(surface.field);
      this.#explain(surface.field);
      return true;
    }
  }

  #surfaceOf(view) {
    return [...this.#surfaces.values()].find((surface) => surface.view === view);
  }

  /** Gives the form all that is shown; false where something can't be written as it is. */
  sync() {
    return [...this.#surfaces.values()].map((surface) => this.#guard(surface, () => surface.sync())).every(Boolean);
  }

  #beforeSubmit(event) {
    if (this.sync()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.showSource(true);
    this.tell("Not saved: part of the text can’t be written as it was shown. It is here as Markdown; look at it and save.");
  }

  showSource(isSource) {
    this.#isSource = isSource;
    for (const surface of this.#surfaces.values()) this.#guard(surface, () => surface.showSource(isSource));
    this.#form.classList.toggle("writing-source", isSource);
    this.sourceButton.setAttribute("aria-pressed", String(isSource));
    this.toolbar.element.hidden = isSource;
    try {
      if (isSource) localStorage.setItem(SOURCE, "yes");
      else localStorage.removeItem(SOURCE);
    } catch { /* no storage in this browser */ }
  }

  #switchSource() {
    const field = this.#active?.field;
    this.showSource(!this.#isSource);
    if (this.#isSource) field?.focus();
    else this.#active?.view.focus();
    this.tell(this.#isSource ? "Markdown" : "As readers see it");
  }

  // What surfaces call

  onFocus(surface) {
    this.#follow(surface);
    // A click selects a citation before the surface has the focus.
    this.card.followSelection(surface.view);
  }

  #follow(surface) {
    this.#active = surface;
    this.toolbar.follow(surface);
  }

  onChange(surface, transaction) {
    this.toolbar.update(surface);
    if (!transaction.selectionSet && !transaction.docChanged) return;
    this.card.followSelection(surface.view);
    this.comments.follow(surface);
  }

  pasting(surface) {
    return pasting(surface, (words) => this.tell(words), (pasted) => this.cite(surface, pasted));
  }

  plugins(surface) {
    return [
      keymap({
        "Alt-F10": () => { this.toolbar.focus(); return true; },
        Enter: () => this.#changeSelected(surface),
        "Mod-Alt-m": () => { if (this.comments.isOffered) this.comments.comment(surface); return true; },
      }),
      problemsPlugin(),
      commentsPlugin(),
      new Plugin({ props: { handleTextInput: (view, from, to, text) => this.#slash(surface, from, text) } }),
    ];
  }

  /** Says what happened, for everybody. */
  tell(words) {
    this.#status.textContent = words;
  }

  // Actions

  /** Asks for works and cites them; `pasted`: an identifier that stands for one, and where it was pasted. */
  cite(surface, pasted = null) {
    this.findWork({
      words: pasted?.identifier,
      onChoose: (chosen) => {
        const { view } = surface;
        if (pasted) view.dispatch(view.state.tr.delete(pasted.from, pasted.to));
        chosen.forEach(({ work }) => this.works.add(work));
        commands.cite(view, chosen.map(({ work, locator }) => ({ key: work.key, locator })));
        this.tell(`Cited: ${chosen.map(({ work }) => work.name).join("; ")}`);
      },
      onClose: () => surface.view.focus(),
    });
  }

  async link(surface) {
    const { state } = surface.view;
    const { from, to, mark } = commands.linkRange(state);
    const answer = await askLink({ href: mark?.attrs.href ?? "", words: from === to ? "" : null });
    if (answer?.isRemoved) commands.link(surface.view, "");
    else if (answer) commands.link(surface.view, answer.href.trim(), answer.words);
    else surface.view.focus();
  }

  insert(surface, place) {
    const { view } = surface;
    openMenu({
      label: "Insert", place: place ?? view.coordsAtPos(view.state.selection.from), back: () => view.focus(),
      items: [
        ["Callout", () => this.#insertCallout(surface)],
        ["Table", () => this.#insertTable(surface)],
        ["Icon array", () => this.#insertIcons(surface)],
        ["Figure", () => this.#insertFigure(surface)],
        ["Line across", () => this.#put(surface, nodes.rule.create(), "Line added")],
      ],
    });
  }

  #put(surface, node, words) {
    commands.insertBlock(surface.view, node);
    this.tell(words);
  }

  async #insertCallout(surface) {
    const answer = await askCallout();
    if (answer) this.#put(surface, commands.callout(answer.kind, answer.title.trim()), "Callout added");
    else surface.view.focus();
  }

  async #insertTable(surface) {
    const answer = await askTable();
    if (answer) this.#put(surface, commands.table(Number(answer.columns), Number(answer.rows) + 1), "Table added; Tab goes to the next cell");
    else surface.view.focus();
  }

  async #insertIcons(surface) {
    const answer = await askIcons();
    if (!answer) { surface.view.focus(); return; }
    const { count, of, text } = answer;
    this.#put(surface, nodes.icons.create({ count, of }, readInline(text.trim().replace(/\s+/g, " "))), "Icon array added");
  }

  async #insertFigure(surface) {
    const answer = await askFigure(this.#figures);
    if (answer) this.#put(surface, nodes.figure.create({ src: answer.src, alt: answer.alt.trim().replace(/\s+/g, " ") }), "Figure added; its caption may be written below it");
    else surface.view.focus();
  }

  get #figures() {
    return JSON.parse(this.#panel.dataset.figures);
  }

  /** The callout, icon array or figure that is selected or holds the caret, with its place. */
  #blockAt({ selection }) {
    const types = [nodes.callout, nodes.icons, nodes.figure];
    if (types.includes(selection.node?.type)) return [selection.node, selection.from];
    const { $from } = selection;
    for (let depth = $from.depth; depth > 0; depth -= 1) {
      if (types.includes($from.node(depth).type)) return [$from.node(depth), $from.before(depth)];
    }
    return [null, 0];
  }

  #changeSelected(surface) {
    const { selection } = surface.view.state;
    if (!(selection instanceof NodeSelection) || selection.node.isInline) return false;
    if (!this.#blockAt(surface.view.state)[0]) return false;
    this.change(surface);
    return true;
  }

  async change(surface) {
    const { view } = surface;
    const [node, position] = this.#blockAt(view.state);
    if (!node) return;
    const answer = node.type === nodes.callout ? await askCallout(node.attrs, true)
      : node.type === nodes.icons ? await askIcons(node.attrs, true)
        : await askFigure(this.#figures, node.attrs, true);
    const { tr } = view.state;
    if (answer?.isRemoved) {
      const kept = node.type === nodes.callout ? node.content : [];
      view.dispatch(tr.replaceWith(position, position + node.nodeSize, kept));
    } else if (answer) {
      const { text: _, ...attributes } = answer;
      view.dispatch(tr.setNodeMarkup(position, null, { ...node.attrs, ...attributes }));
    }
    view.focus();
  }

  /** A stroke at the start of an empty paragraph opens the list of blocks. */
  #slash(surface, from, text) {
    const { $from } = surface.view.state.selection;
    if (text !== "/" || surface.kind.isLine || $from.parent.type !== nodes.paragraph || $from.parent.content.size) return false;
    queueMicrotask(() => this.insert(surface));
    return true;
  }

  // Problems

  /** Leads to the words of a problem where its field has a surface. */
  #show(event) {
    const surface = this.#surfaces.get(event.target);
    if (!surface || surface.frame.hidden) return;
    event.preventDefault();
    surface.field.closest("details:not([open])")?.setAttribute("open", "");
    const { words, nth, message } = event.detail;
    if (!select(surface.view, placeOf(surface.view.state.doc, words, nth))) {
      surface.view.focus();
      surface.frame.scrollIntoView({ block: "center" });
    }
    this.tell(message);
  }

  #underline(problems) {
    for (const surface of this.#surfaces.values()) {
      setProblems(surface.view, problems.filter(({ field }) => field === surface.field));
    }
    this.showMeasures(this.#panel.querySelector(".desk-measures")?.textContent ?? "");
  }

  /** To the next problem in the text, or the one before. */
  #stepToProblem(isBack) {
    const all = [...this.#surfaces.values()].flatMap((surface) =>
      shownProblems(surface.view).map((place) => ({ ...place, surface })));
    if (!all.length) {
      this.tell("Nothing is underlined.");
      return;
    }
    const order = [...this.#surfaces.values()];
    const { from = 0, to = 0 } = this.#active?.view.state.selection ?? {};
    const here = order.indexOf(this.#active);
    const isAfter = ({ surface, from: start }) => order.indexOf(surface) > here || (surface === this.#active && start > from);
    const isBefore = ({ surface, to: end }) => order.indexOf(surface) < here || (surface === this.#active && end < to);
    const next = isBack ? all.findLast(isBefore) ?? all.at(-1) : all.find(isAfter) ?? all[0];
    next.surface.field.closest("details:not([open])")?.setAttribute("open", "");
    select(next.surface.view, next);
    this.tell(next.problem.message);
  }

  // The bar

  #buildBar() {
    const button = (textContent, title, act) => {
      const made = element("button", { type: "button", textContent, title });
      made.addEventListener("mousedown", (event) => event.preventDefault());
      made.addEventListener("click", act);
      return made;
    };
    this.sourceButton = button("Source", "Markdown, as it is stored (Ctrl+Shift+M)", () => this.#switchSource());
    this.sourceButton.setAttribute("aria-pressed", "false");
    const save = button("Save draft", "Save and go on writing (Ctrl+S)", () => this.#save());
    save.classList.add("writing-save");
    const ends = element("div", { className: "writing-ends" }, this.#measures, this.sourceButton, save);
    const bar = element("section", { className: "writing-bar" }, this.toolbar.element, ends, this.#status);
    bar.setAttribute("aria-label", "Writing");
    this.#form.querySelector(":scope > div").before(bar);
    this.showMeasures(this.#panel.querySelector(".desk-measures")?.textContent ?? "");
  }

  /** Words and reading grade, as the server counts them. */
  showMeasures(words) {
    this.#measures.textContent = words.replace(/\s+/g, " ").replace(/\(.*?\)|Nothing to mend\./g, "").replace(/ ?\. *$/, "").trim();
  }

  #pageKeys(event) {
    if (event.key === "F8") {
      event.preventDefault();
      if (!this.#isSource) this.#stepToProblem(event.shiftKey);
      return;
    }
    if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "s" && !event.shiftKey) this.#save();
    else if (key === "m" && event.shiftKey) this.#switchSource();
    else return;
    event.preventDefault();
  }

  #save() {
    const { view, field } = this.#active ?? {};
    try {
      sessionStorage.setItem(PLACE, JSON.stringify({
        form: this.#panel.dataset.revision, name: field?.name, at: view?.state.selection.from, top: window.scrollY,
      }));
    } catch { /* the page opens at its top */ }
    this.#form.requestSubmit(this.#form.querySelector("[name=_continue]"));
  }

  /** After a save: where one was writing. */
  #backToPlace() {
    let place;
    try {
      place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
      sessionStorage.removeItem(PLACE);
    } catch { return; }
    const surface = place?.form === this.#panel.dataset.revision && this.#surfaces.get(this.#form.elements[place.name]);
    if (!surface || this.#isSource) return;
    surface.field.closest("details:not([open])")?.setAttribute("open", "");
    const { state } = surface.view;
    const at = Math.min(place.at, state.doc.content.size);
    surface.view.dispatch(state.tr.setSelection(Selection.near(state.doc.resolve(at))));
    window.scrollTo(0, place.top);
    surface.view.focus();
    this.tell(document.querySelector(".errornote") ? "Not saved: see the top of the page." : "Saved");
  }
}

/** Shows the surfaces of a form; returns the page, or null where the form stays as it is. */
export function startWriting(form, panel, findWork) {
  const page = new WritingPage(form, panel, findWork);
  page.start();
  return page;
}
