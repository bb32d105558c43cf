// Comments beside the text: each leads to its passage, is answered and resolved there; words that are
// marked can be commented on, and words that somebody proposed can be put in.
import { Decoration, DecorationSet, Plugin, PluginKey } from "../../vendor/editor-vendor.js";
import { findPassage, passageAt } from "../passages.js";
import { keepTyped } from "../typed.js";
import { select, wordsOf } from "./problems.js";
import { schema } from "./schema.js";

const key = new PluginKey("comments");

/** Underlines the passages that comments are about, and moves with the text. */
export const commentsPlugin = () => new Plugin({
  key,
  state: {
    init: () => DecorationSet.empty,
    apply(transaction, shown) {
      const passages = transaction.getMeta(key);
      if (!passages) return shown.map(transaction.mapping, transaction.doc);
      return DecorationSet.create(transaction.doc, passages.map(({ from, to, number }) =>
        Decoration.inline(from, to, { class: "commented" }, { number })));
    },
  },
  props: { decorations: (state) => key.getState(state) },
});

const element = (tag, properties = {}, ...inside) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...inside);
  return node;
};

const button = (textContent, act) => {
  const made = element("button", { type: "button", className: "desk-go", textContent });
  made.addEventListener("click", act);
  return made;
};

function box(id, label, rows, help = "") {
  const field = element("textarea", { id, rows });
  const words = help ? [element("p", { id: `${id}-help`, className: "desk-help", textContent: help })] : [];
  if (help) field.setAttribute("aria-describedby", `${id}-help`);
  return { field, parts: [element("label", { htmlFor: id, textContent: label }), ...words, field] };
}

export class Comments {
  #section;
  #page;

  /** `page`: gives `surfaces()`, `tell(words)`, `token` and `showSurfaces()`. */
  constructor(section, page) {
    this.#section = section;
    this.#page = page;
    // It stands within the form of the text, and is no part of it.
    section.addEventListener("input", (event) => event.stopPropagation());
  }

  get isOffered() {
    return "mayComment" in this.#section.dataset;
  }

  /** Brings the buttons of each comment, and underlines the passages. */
  start() {
    this.#threads().forEach((thread) => this.#equip(thread));
    this.#anchor();
  }

  #threads() {
    return [...this.#section.querySelectorAll("[data-thread]")];
  }

  #equip(thread) {
    const { words, proposal, mayAnswer, mayResolve } = thread.dataset;
    const row = element("p", { className: "desk-thread-buttons" });
    if (words) row.append(button("Show", () => this.#show(thread)), " ");
    if (words && proposal && this.isOffered) row.append(button("Use these words", () => this.#takeOver(thread)), " ");
    if (mayAnswer !== undefined) row.append(button("Answer", () => this.#answer(thread)), " ");
    if (mayResolve !== undefined) row.append(button("Resolve", () => this.#send(thread, { resolve: "yes" })));
    for (const made of row.children) made.setAttribute("aria-label", `${made.textContent}: comment by ${thread.dataset.by}`);
    thread.append(row);
  }

  /** Finds each passage in the surface whose words around it are most like those it was marked in. */
  #anchor() {
    const texts = this.#page.surfaces().map((surface) => ({ surface, ...wordsOf(surface.view.state.doc) }));
    const found = new Map(texts.map(({ surface }) => [surface, []]));
    for (const { dataset } of this.#threads()) {
      if (!dataset.words) continue;
      const [best] = texts.map(({ surface, text, places }) => ({ surface, places, place: findPassage(text, dataset) }))
        .filter(({ place }) => place).sort((one, other) => other.place.around - one.place.around);
      if (!best) continue;
      const [from, to] = [best.places[best.place.start], best.places[best.place.end - 1] + 1];
      found.get(best.surface).push({ from, to, number: dataset.thread });
    }
    for (const [{ view }, passages] of found) {
      view.dispatch(view.state.tr.setMeta(key, passages).setMeta("addToHistory", false));
    }
  }

  #placeOf({ dataset }) {
    for (const surface of this.#page.surfaces()) {
      const [shown] = key.getState(surface.view.state).find(undefined, undefined, ({ number }) => number === dataset.thread);
      if (shown) return { surface, from: shown.from, to: shown.to };
    }
    return null;
  }

  #show(thread) {
    this.#page.showSurfaces();
    const place = this.#placeOf(thread);
    if (!place) {
      this.#page.tell("These words are no longer in the text as it is here.");
      return;
    }
    place.surface.field.closest("details:not([open])")?.setAttribute("open", "");
    select(place.surface.view, place);
    this.#page.tell(`The passage that ${thread.dataset.by} commented on`);
  }

  /** Marks the comment whose passage holds the caret. */
  follow({ view: { state } }) {
    const { from } = state.selection;
    const numbers = key.getState(state).find(from, from).map(({ spec }) => spec.number);
    for (const thread of this.#threads()) {
      const isHere = numbers.includes(thread.dataset.thread);
      if (isHere && !thread.classList.contains("desk-shown") && getComputedStyle(this.#section.parentElement).position === "sticky") {
        thread.scrollIntoView({ block: "nearest" });
      }
      thread.classList.toggle("desk-shown", isHere);
    }
  }

  /** Puts proposed words in place of their passage, after saying what that makes of who proposed them. */
  #takeOver(thread) {
    this.#page.showSurfaces();
    const { by, proposal } = thread.dataset;
    const place = this.#placeOf(thread);
    if (!place) {
      this.#page.tell("The passage is no longer in the text as it is here.");
      return;
    }
    const { surface: { view }, from, to } = place;
    const { doc, tr } = view.state;
    select(view, place);
    if (!doc.resolve(from).sameParent(doc.resolve(to))) {
      this.#page.tell("The passage reaches over several paragraphs: it is marked, change it by hand.");
      return;
    }
    const warning = `${by} wrote these words. Once you save them, ${by} counts as one of the writers of this text, `
      + "and can no longer review or publish it. Put them in?";
    if (!window.confirm(warning)) return;
    const cited = [];
    doc.nodesBetween(from, to, (node) => { if (node.type === schema.nodes.cite) cited.push(schema.text(" "), node); });
    view.dispatch(tr.replaceWith(from, to, [schema.text(proposal), ...cited]).scrollIntoView());
    view.focus();
    this.#page.tell("Put in. Save the draft, then resolve the comment.");
  }

  /** A box for a new comment on what is marked in a surface. */
  comment({ view }) {
    const { from, to, empty } = view.state.selection;
    const { text, places } = wordsOf(view.state.doc);
    const start = places.findIndex((place) => place >= from);
    const end = places.findLastIndex((place) => place < to) + 1;
    const passage = empty || start < 0 || end <= start ? null : passageAt(text, start, end);
    if (!passage?.words) {
      this.#page.tell("Mark the words first that the comment is about.");
      return;
    }
    this.#section.querySelector("[data-new]")?.remove();
    const isWriter = "contributes" in this.#section.dataset;
    const proposal = box("beside-proposal", "Words you propose instead", 2,
      "If a writer takes them over, you count as one of the writers of this text, and can no longer review or publish it.");
    const remark = box("beside-comment", "Comment", 3);
    const block = element("input", { type: "checkbox", id: "beside-blocks" });
    const made = element("article", { className: "desk-thread" }, element("blockquote", { textContent: passage.words }), ...remark.parts);
    if (!isWriter) {
      made.append(...proposal.parts, element("p", {}, block, " ", element("label", { htmlFor: block.id, textContent: "This must be resolved before publication." })));
    }
    made.dataset.new = "";
    const close = () => { made.remove(); view.focus(); };
    made.append(element("p", { className: "desk-thread-buttons" }, button("Comment", () => this.#send(made, {
      passage: passage.words, words_before: passage.before, words_after: passage.after, text: remark.field.value,
      proposal: proposal.field.value, ...(block.checked ? { is_blocking: "on" } : {}),
    })), " ", button("Close", close)));
    made.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    this.#section.querySelector("h2").after(made);
    keepTyped([remark.field]);
    remark.field.focus();
  }

  #answer(thread) {
    if (thread.querySelector("textarea")) {
      thread.querySelector("textarea").focus();
      return;
    }
    const answer = box(`beside-answer-${thread.dataset.thread}`, `Answer ${thread.dataset.by}`, 2);
    thread.append(...answer.parts, element("p", {}, button("Send the answer", () => this.#send(thread, { text: answer.field.value }))));
    keepTyped([answer.field]);
    answer.field.focus();
  }

  /** Records a comment, an answer or that one is resolved, and shows what is said then. */
  async #send(thread, fields) {
    const body = new FormData();
    const about = thread.dataset.thread ? { comment: thread.dataset.thread } : {};
    for (const [name, value] of Object.entries({ csrfmiddlewaretoken: this.#page.token, ...about, ...fields })) body.append(name, value);
    let answer = { refusal: "Not recorded: the server doesn’t answer. What you typed is still here." };
    try {
      const response = await fetch(this.#section.dataset.comments, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!response.redirected && response.headers.get("Content-Type").startsWith("application/json")) answer = await response.json();
    } catch { /* no connection: as above */ }
    if (answer.refusal) {
      thread.querySelector("[role=alert]")?.remove();
      const refusal = element("p", { className: "errornote", textContent: `${answer.refusal}${fields.passage ? " Words that you have just written are to be saved first." : ""}` });
      refusal.setAttribute("role", "alert");
      thread.append(refusal);
      return;
    }
    this.#section.innerHTML = answer.html;
    this.start();
    this.#page.tell("Recorded.");
    const shown = document.getElementById(`comment-${answer.number}`);
    const back = shown?.closest("details:not([open])")?.querySelector("summary") ?? shown;
    if (back === shown) shown.tabIndex = -1;
    back?.focus();
  }
}
