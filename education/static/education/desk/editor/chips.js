// Citations as short names, and the card that tells of a work.
import { NodeSelection } from "../../vendor/editor-vendor.js";
import { citation, citedWorks } from "./dialect.js";
import { warningOf } from "./works.js";

const element = (tag, properties = {}, ...inside) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...inside);
  return node;
};

const nameOf = (key, works) => works.get(key)?.name ?? key;

/** A citation as it is shown: names, places and what speaks against the works. */
export function describe(source, works) {
  const cited = citedWorks(source.slice(1, -1)) ?? [];
  const names = cited.map(({ key, locator }) => `${nameOf(key, works)}${locator ? `, ${locator}` : ""}`);
  const warnings = [...new Set(cited.map(({ key }) => warningOf(works.get(key))).filter(Boolean))];
  return { cited, words: names.join("; "), warnings };
}

/** The view of a citation among words. */
export class Chip {
  constructor(node, works) {
    this.node = node;
    this.works = works;
    this.dom = element("span", { className: "cite-chip", contentEditable: "false" });
    this.dom.setAttribute("role", "img");
    this.stop = works.listen(() => this.draw());
    this.draw();
  }

  draw() {
    const { words, warnings } = describe(this.node.attrs.source, this.works);
    this.dom.textContent = words;
    this.dom.classList.toggle("cite-chip--doubtful", warnings.length > 0);
    this.dom.setAttribute("aria-label", ["Citation: ", words, warnings.map((warning) => `, ${warning}`)].flat().join(""));
  }

  update(node) {
    if (node.type !== this.node.type) return false;
    this.node = node;
    this.draw();
    return true;
  }

  selectNode() { this.dom.classList.add("cite-chip--chosen"); }

  deselectNode() { this.dom.classList.remove("cite-chip--chosen"); }

  ignoreMutation() { return true; }

  destroy() { this.stop(); }
}

function workSections({ key, locator }, works) {
  const work = works.get(key);
  const lines = work
    ? [work.title, work.about, work.finding && `Found: ${work.finding}`, work.limitations && `Can’t tell: ${work.limitations}`]
    : [work === null ? "There is no such work among the evidence." : "Asking for this work…"];
  const head = element("strong", { textContent: `${nameOf(key, works)}${locator ? `, ${locator}` : ""}` });
  return element("section", {}, element("p", {}, head), ...lines.filter(Boolean).map((textContent) => element("p", { textContent })));
}

/** The card of the citation that is selected, or that the pointer rests on. */
export class Card {
  #works;
  #cite;
  #box = element("div", { className: "cite-card", hidden: true });
  #view = null;
  #timer = 0;

  /** `cite(view, position)` asks for another work in place of the citation there. */
  constructor(works, cite) {
    this.#works = works;
    this.#cite = cite;
    this.#box.setAttribute("role", "group");
    this.#box.setAttribute("aria-label", "The works cited here");
    document.querySelector("main").append(this.#box);
    this.#box.addEventListener("keydown", (event) => { if (event.key === "Escape") this.#back(); });
    this.#box.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.#box.contains(relatedTarget) && relatedTarget !== this.#view?.dom) this.hide();
    });
    works.listen(() => { if (!this.#box.hidden && !this.#box.contains(document.activeElement)) this.#redraw?.(); });
  }

  #redraw = null;

  /** Shows the card of the selected citation of a view, with what can be done. */
  followSelection(view) {
    const { selection } = view.state;
    if (selection instanceof NodeSelection && selection.node.type.name === "cite" && view.hasFocus()) {
      this.#show(view, selection.from, true);
    } else if (this.#view === view && !this.#box.contains(document.activeElement)) this.hide();
  }

  /** Shows the card of a citation while the pointer rests on it. */
  followPointer(view) {
    view.dom.addEventListener("pointerover", ({ target }) => {
      clearTimeout(this.#timer);
      const chip = target.closest?.(".cite-chip");
      if (!chip || view.state.selection instanceof NodeSelection) return;
      this.#timer = setTimeout(() => {
        const isChosen = view.state.selection instanceof NodeSelection || this.#box.contains(document.activeElement);
        if (chip.isConnected && !isChosen) this.#show(view, view.posAtDOM(chip, 0), false);
      }, 300);
    });
    view.dom.addEventListener("pointerout", ({ target, relatedTarget }) => {
      clearTimeout(this.#timer);
      const leaves = target.closest?.(".cite-chip") && !this.#box.contains(relatedTarget);
      if (leaves && !(view.state.selection instanceof NodeSelection)) this.hide();
    });
  }

  /** Moves into the card of the selected citation; false where none is shown. */
  enter() {
    if (this.#box.hidden) return false;
    this.#box.querySelector("button, input")?.focus();
    return true;
  }

  hide() {
    this.#box.hidden = true;
    this.#view = null;
    this.#redraw = null;
  }

  #back() {
    const view = this.#view;
    view?.focus();
  }

  #show(view, position, withActions) {
    const node = view.state.doc.nodeAt(position);
    const dom = view.nodeDOM(position);
    if (node?.type.name !== "cite" || !dom) return;
    this.#view = view;
    this.#redraw = () => {
      const { cited } = describe(node.attrs.source, this.#works);
      const actions = withActions ? [this.#actions(view, position, cited)] : [];
      this.#box.replaceChildren(...cited.map((work) => workSections(work, this.#works)), ...actions);
    };
    this.#redraw();
    this.#box.hidden = false;
    const place = dom.getBoundingClientRect();
    const left = Math.max(8, Math.min(place.left, window.innerWidth - this.#box.offsetWidth - 8));
    const below = place.bottom + 8;
    const above = place.top - this.#box.offsetHeight - 8;
    const fits = below + this.#box.offsetHeight < window.innerHeight || above < 0;
    this.#box.style.insetInlineStart = `${left + window.scrollX}px`;
    this.#box.style.insetBlockStart = `${(fits ? below : above) + window.scrollY}px`;
  }

  #actions(view, position, cited) {
    const replace = (works) => {
      const { tr, schema } = view.state;
      const node = works.length ? schema.nodes.cite.create({ source: citation(works) }) : [];
      view.dispatch(tr.replaceWith(position, position + 1, node));
      view.focus();
    };
    const places = cited.map((work, at) => {
      const input = element("input", { type: "text", value: work.locator, maxLength: 80, placeholder: "p. 3" });
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        change();
      });
      const name = `Page of ${nameOf(work.key, this.#works)}`;
      const remove = element("button", { type: "button", textContent: `Remove ${nameOf(work.key, this.#works)}` });
      remove.addEventListener("click", () => replace(cited.filter((_, other) => other !== at)));
      return [input, element("p", {}, element("label", {}, `${name} `, input), " ", remove)];
    });
    const change = () => replace(cited.map(({ key }, at) => ({
      key, locator: places[at][0].value.replace(/[@;[\]]/g, "").trim(),
    })));
    const button = (textContent, act) => {
      const made = element("button", { type: "button", textContent });
      made.addEventListener("click", act);
      return made;
    };
    return element(
      "div", { className: "cite-card-actions" }, ...places.map(([, row]) => row),
      element("p", {}, button("Change page", change), " ", button("Cite another as well", () => this.#cite(view, position))),
    );
  }
}
