/**
 * Offers pages while somebody types into a search form: a combobox with a list, as the ARIA
 * Authoring Practices describe it. Without it the form searches.
 */

const WAIT = 150;
const SHORTEST = 2;

for (const form of document.querySelectorAll("form[data-suggest]")) offer(form);

function offer(form) {
  const field = form.querySelector("input[type=search]");
  const list = Object.assign(document.createElement("ul"), {
    id: `${field.id}-pages`, className: "suggestions", hidden: true,
  });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.suggestLabel);
  form.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": list.id, autocomplete: "off",
  })) field.setAttribute(name, value);

  let chosen = -1;
  let asked = "";
  let waiting;

  const close = () => {
    list.hidden = true;
    choose(-1);
    field.setAttribute("aria-expanded", "false");
  };

  function choose(number) {
    chosen = number;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === number)));
    const option = list.children[number];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    const words = field.value.trim();
    if (words === asked) return;
    asked = words;
    if (words.length < SHORTEST) return close();
    let titles = [], addresses = [];
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(words)}`);
      if (answer.ok) [, titles, , addresses] = await answer.json();
    } catch {
      return close(); // no network: the form still searches
    }
    if (words !== field.value.trim() || document.activeElement !== field) return;
    list.replaceChildren(...titles.map((title, at) => {
      const option = Object.assign(document.createElement("li"), {
        id: `${list.id}-${at}`, textContent: title,
      });
      option.setAttribute("role", "option");
      option.dataset.address = addresses[at];
      return option;
    }));
    choose(-1);
    list.hidden = !titles.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
    if (list.hidden) return;
    const many = list.children.length;
    if (event.key === "ArrowDown") choose(chosen + 1 < many ? chosen + 1 : -1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? many - 1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) window.location.assign(list.children[chosen].dataset.address);
    else return;
    event.preventDefault();
  });
  // Before the field loses the focus.
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option) window.location.assign(option.dataset.address);
  });
  field.addEventListener("blur", close);
}
