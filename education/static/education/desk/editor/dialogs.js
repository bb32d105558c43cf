// Questions in a dialog: for a link, and for the blocks that have fields.
import { drawIcons } from "./icons.js";

let count = 0;

function control({ name, label, options, help, ...given }, id) {
  const input = document.createElement(options ? "select" : given.type === "textarea" ? "textarea" : "input");
  if (!options && given.type !== "textarea") input.type = given.type ?? "text";
  for (const [value, words] of options ?? []) input.append(new Option(words, value));
  input.id = id;
  input.name = name;
  input.value = given.value ?? (options ? options[0][0] : "");
  for (const key of ["min", "max", "maxLength", "required", "placeholder", "rows"]) if (key in given) input[key] = given[key];
  const named = document.createElement("label");
  named.htmlFor = id;
  named.textContent = label;
  const parts = [named, input];
  if (help) {
    const words = Object.assign(document.createElement("p"), { className: "desk-help", id: `${id}-help`, textContent: help });
    input.setAttribute("aria-describedby", words.id);
    parts.push(words);
  }
  return parts;
}

/**
 * Asks for fields in a dialog. Returns what was typed, by name; null where it was closed.
 *
 * `draw(values)` gives an element that shows what the values mean, drawn anew with every key;
 * `onInput(event, form)` may fill in one field when another changes.
 */
export function ask({ title, fields, action, draw = null, remove = "", onInput = null }) {
  const number = (count += 1);
  const dialog = document.createElement("dialog");
  dialog.className = "desk-cite desk-ask";
  const form = document.createElement("form");
  form.method = "dialog";
  const head = Object.assign(document.createElement("h2"), { id: `ask-${number}`, textContent: title });
  dialog.setAttribute("aria-labelledby", head.id);
  form.append(head, ...fields.flatMap((field) => control(field, `ask-${number}-${field.name}`)));
  if (onInput) form.addEventListener("input", (event) => onInput(event, form));
  const values = () => Object.fromEntries(new FormData(form));
  if (draw) {
    const shown = Object.assign(document.createElement("div"), { className: "desk-drawn" });
    const redraw = () => shown.replaceChildren(draw(values()));
    form.addEventListener("input", redraw);
    form.append(shown);
    redraw();
  }
  const buttons = Object.assign(document.createElement("p"), { className: "desk-buttons" });
  const button = (textContent, value, formNoValidate) => {
    const made = Object.assign(document.createElement("button"), { textContent, value, formNoValidate });
    buttons.append(made);
  };
  button(action, "ok", false);
  if (remove) button(remove, "remove", true);
  button("Close", "", true);
  form.append(buttons);
  dialog.append(form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const answer = dialog.returnValue === "ok" ? values() : dialog.returnValue === "remove" ? { isRemoved: true } : null;
      dialog.remove();
      resolve(answer);
    });
    dialog.showModal();
    form.querySelector("input, select, textarea")?.focus();
  });
}

export const askLink = ({ href, words }) => ask({
  title: "Link",
  action: href ? "Change the link" : "Link it",
  remove: href ? "Remove the link" : "",
  fields: [
    { name: "href", label: "Address", value: href, required: true, placeholder: "https://", help: "https://, mailto:, /a-page/ or #a-heading" },
    ...(words === null ? [] : [{ name: "words", label: "Words that are linked", value: words, required: true }]),
  ],
});

export const askCallout = ({ kind = "note", title = "" } = {}, isThere = false) => ask({
  title: "Callout",
  action: isThere ? "Change it" : "Put it in",
  remove: isThere ? "Remove it, keep its words" : "",
  fields: [
    { name: "kind", label: "Kind", value: kind, options: [["note", "Note"], ["warning", "Warning"], ["quote", "Quotation"]],
      help: "At most two warnings on a page: more, and none is read." },
    { name: "title", label: "Title", value: title, maxLength: 120 },
  ],
});

export const askTable = () => ask({
  title: "Table",
  action: "Put it in",
  fields: [
    { name: "columns", label: "Columns", type: "number", min: 2, max: 8, value: 3, required: true },
    { name: "rows", label: "Rows under the head", type: "number", min: 1, max: 50, value: 2, required: true },
  ],
});

export const askIcons = ({ count: shown = "", of = "100", text = "" } = {}, isThere = false) => ask({
  title: "Icon array",
  action: isThere ? "Change it" : "Put it in",
  remove: isThere ? "Remove it" : "",
  draw: (values) => (values.count ? drawIcons(values.count, values.of) : ""),
  fields: [
    { name: "count", label: "How many people", type: "number", min: 0, max: 1000, value: shown, required: true },
    { name: "of", label: "Out of how many", type: "number", min: 1, max: 1000, value: of, required: true },
    ...(isThere ? [] : [{ name: "text", label: "The same as a sentence", type: "textarea", rows: 2, value: text, required: true,
      help: "Read aloud in place of the drawing, and shown beside it. Cite its source afterwards." }]),
  ],
});

/** `figures` are the drawings that may be placed: `name`, and `alt` of those with words of their own. */
export const askFigure = (figures, { src = "", alt = "" } = {}, isThere = false) => {
  const words = new Map(figures.map((figure) => [`figure:${figure.name}`, figure.alt]));
  const shown = src || `figure:${figures[0].name}`;
  return ask({
    title: "Figure",
    action: isThere ? "Change it" : "Put it in",
    remove: isThere ? "Remove it" : "",
    // Another drawing brings its own words, unless somebody wrote others.
    onInput: (event, form) => {
      const { src: chosen, alt: field } = form.elements;
      const isOurs = field.value.trim() === "" || [...words.values()].includes(field.value);
      if (event.target === chosen && isOurs) field.value = words.get(chosen.value) ?? "";
    },
    fields: [
      { name: "src", label: "Drawing", value: shown, options: figures.map(({ name }) => [`figure:${name}`, name]) },
      { name: "alt", label: "What it shows, for those who can’t see it", type: "textarea", rows: 3, value: alt || (words.get(shown) ?? ""), required: true },
    ],
  });
};
