// The parts of a text (options, questions, claims, terms, messages): moved up and down, and copied,
// by buttons or by dragging their heads. Without script their places are numbers, which these write.

const NAMES = ["name", "question", "said", "term"];

const partsOf = (group) => [...group.querySelectorAll(":scope > .inline-related:not(.empty-form)")];

const fieldOf = (part, name) => part.querySelector(`[name$="-${name}"]`);

const nameOf = (part) => part.querySelector(".inline_label")?.textContent.trim() ?? "";

function number(group) {
  partsOf(group).forEach((part, place) => {
    const position = fieldOf(part, "position");
    if (position) position.value = place;
  });
  group.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Puts the parts in the order of their numbers, where something else wrote them. */
function sort(group) {
  const parts = partsOf(group);
  const place = (part) => Number(fieldOf(part, "position")?.value || Infinity);
  const sorted = [...parts].sort((one, other) => place(one) - place(other) || 0);
  if (sorted.some((part, index) => part !== parts[index])) group.querySelector(":scope > .empty-form").before(...sorted);
}

/** Lets a part be dragged by its head among the others; dropped elsewhere, it goes back. */
function dragParts(group, moved) {
  let dragged = null;
  group.addEventListener("dragstart", (event) => {
    const head = event.target.closest?.("h3[draggable]");
    dragged = head && head.parentElement.parentElement === group ? head.parentElement : null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  group.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const over = partsOf(group).find((part) => part !== dragged && part.contains(event.target));
    if (!over) return;
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(dragged);
    else over.after(dragged);
  });
  group.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    number(group);
    moved(dragged);
  });
  group.addEventListener("dragend", () => {
    if (dragged) sort(group);
    dragged = null;
  });
}

/** What a part holds, put into another of the same kind; its name and address are its own. */
function fill(part, from) {
  for (const field of part.querySelectorAll("input, select, textarea")) {
    const end = /-\d+-(.+)$/.exec(field.name)?.[1];
    const source = end && !["id", "revision", "slug", "position", "DELETE"].includes(end) && fieldOf(from, end);
    if (!source) continue;
    if (field.type === "checkbox") field.checked = source.checked;
    else field.value = NAMES.includes(end) && source.value ? `${source.value} (copy)` : source.value;
  }
}

/** Gives the parts of a form buttons for their order; says in words what became of each. */
export function orderParts(form) {
  const status = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  status.setAttribute("role", "status");
  form.append(status);
  for (const group of form.querySelectorAll("[data-parts]")) {
    if (!group.querySelector("[name$=-position]")) continue;
    const kind = group.dataset.parts;
    const tellPlace = (part) => {
      const parts = partsOf(group);
      status.textContent = `Moved to place ${parts.indexOf(part) + 1} of ${parts.length}.`;
    };
    const move = (part, step, button) => {
      const parts = partsOf(group);
      const place = parts.indexOf(part) + step;
      if (place < 0 || place >= parts.length) {
        status.textContent = step < 0 ? "It is the first." : "It is the last.";
        return;
      }
      if (step < 0) parts[place].before(part);
      else parts[place].after(part);
      number(group);
      button.focus();
      tellPlace(part);
    };
    const copy = (part) => {
      group.querySelector(".add-row a").click();
      const made = partsOf(group).at(-1);
      fill(made, part);
      part.after(made);
      number(group);
      form.dispatchEvent(new Event("input", { bubbles: true }));
      made.scrollIntoView({ block: "center" });
      made.querySelector(".text, textarea:not([hidden]), input[type=text]")?.focus();
      status.textContent = "Copied. The copy is saved with the text.";
    };
    const equip = (part) => {
      const tools = Object.assign(document.createElement("span"), { className: "desk-part-tools" });
      const button = (words, act) => {
        const made = Object.assign(document.createElement("button"), { type: "button", className: "desk-go", textContent: words });
        made.addEventListener("click", () => act(made));
        // A new part has no name yet when its buttons are made.
        made.addEventListener("focus", () => made.setAttribute("aria-label", `${words}: ${kind} ${nameOf(part)}`));
        made.setAttribute("aria-label", `${words}: ${kind} ${nameOf(part)}`);
        tools.append(made, " ");
      };
      button("Up", (made) => move(part, -1, made));
      button("Down", (made) => move(part, 1, made));
      button("Copy", () => copy(part));
      const head = part.querySelector("h3");
      head.draggable = true;
      head.after(tools);
    };
    partsOf(group).forEach(equip);
    dragParts(group, tellPlace);
    group.classList.add("desk-ordered");
    group.addEventListener("formset:added", ({ target }) => {
      equip(target);
      number(group);
    });
    form.addEventListener("input", ({ target }) => { if (target === form) sort(group); });
  }
}
