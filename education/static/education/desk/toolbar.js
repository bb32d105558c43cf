// A toolbar over each field that takes Markdown. One stop for the Tab key; arrows move within it.

const MARKDOWN = "textarea";
const PLAIN = ["funding", "what_changed", "correction"];

/** Puts words in place of the selection, so that Undo brings back what was there. */
export function insert(field, words, start = field.selectionStart, end = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(start, end);
  // Behind the writing surface it takes no keys; the surface follows what is set.
  if (field.hidden || !document.execCommand("insertText", false, words)) {
    field.setRangeText(words, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function wrap(field, mark, empty) {
  const { selectionStart: start, selectionEnd: end } = field;
  const chosen = field.value.slice(start, end) || empty;
  insert(field, `${mark}${chosen}${mark}`);
  field.setSelectionRange(start + mark.length, start + mark.length + chosen.length);
}

/** Puts a mark before each line of the selection. */
function mark(field, sign) {
  const start = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const end = field.selectionEnd;
  const lines = field.value.slice(start, end).split("\n");
  insert(field, lines.map((line) => `${sign}${line.replace(/^(?:#+ |- )/, "")}`).join("\n"), start, end);
}

function link(field) {
  const { selectionStart: start, selectionEnd: end } = field;
  const chosen = field.value.slice(start, end) || "words";
  insert(field, `[${chosen}](https://)`);
  const at = start + chosen.length + 3;
  field.setSelectionRange(at, at + "https://".length);
}

const TOOLS = [
  ["Bold", "B", (field) => wrap(field, "**", "bold"), "b"],
  ["Italic", "I", (field) => wrap(field, "*", "italic"), "i"],
  ["Heading", "H2", (field) => mark(field, "## ")],
  ["Smaller heading", "H3", (field) => mark(field, "### ")],
  ["List", "List", (field) => mark(field, "- ")],
  ["Link", "Link", link],
];

/** A heading stands in the body alone; a list where paragraphs do. */
function fits(name, field) {
  if (name.endsWith("eading")) return field.name === "body";
  if (name === "List") return /^(?:body|unknowns|questions)$|-(?:answer|text)$/.test(field.name)
    && !field.name.startsWith("key_messages-");
  return true;
}

function bar(field, cite) {
  const tools = [...TOOLS.filter(([name]) => fits(name, field)), ["Cite evidence", "Cite", cite, "k"]];
  const element = document.createElement("div");
  element.className = "desk-toolbar";
  element.setAttribute("role", "toolbar");
  const label = field.labels?.[0]?.textContent.replace(/[:*]\s*$/, "").trim() ?? "text";
  element.setAttribute("aria-label", `Formatting of ${label}`);
  element.setAttribute("aria-controls", field.id);
  tools.forEach(([name, shown, act, key], place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = shown;
    button.title = key ? `${name} (Ctrl+${key.toUpperCase()})` : name;
    button.setAttribute("aria-label", name);
    button.tabIndex = place ? -1 : 0;
    button.addEventListener("click", () => act(field));
    element.append(button);
  });
  element.addEventListener("keydown", (event) => {
    const buttons = [...element.children];
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -buttons.length, End: buttons.length }[event.key];
    if (!step) return;
    event.preventDefault();
    const from = buttons.indexOf(document.activeElement);
    const to = Math.min(Math.max(from + step, 0), buttons.length - 1);
    buttons.forEach((button, place) => { button.tabIndex = place === to ? 0 : -1; });
    buttons[to].focus();
  });
  field.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const tool = tools.find(([, , , key]) => key === event.key.toLowerCase());
    if (!tool) return;
    event.preventDefault();
    tool[2](field);
  });
  return element;
}

export function addToolbars(form, cite) {
  const equip = (field) => {
    if (field.dataset.toolbar || PLAIN.includes(field.name) || field.name.includes("__prefix__")) return;
    field.dataset.toolbar = "yes";
    const tools = bar(field, cite); // named by the field's label, which it loses on its way
    const frame = document.createElement("div");
    frame.className = "desk-field";
    // Who types already goes on typing: a field that is moved loses the keys.
    const typing = document.activeElement === field;
    const { selectionStart, selectionEnd } = field;
    field.replaceWith(frame);
    frame.append(tools, field);
    if (typing) {
      field.focus({ preventScroll: true });
      field.setSelectionRange(selectionStart, selectionEnd);
    }
  };
  form.querySelectorAll(MARKDOWN).forEach(equip);
  // Parts that are added later get theirs too.
  document.addEventListener("formset:added", (event) => {
    event.target.querySelectorAll(MARKDOWN).forEach(equip);
  });
}
