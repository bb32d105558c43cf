// Finds evidence as you type: a combobox in a dialog.
import { insert } from "./toolbar.js";

const DIALOG = `
  <form method="dialog">
    <h2 id="cite-title">Cite evidence</h2>
    <label for="cite-words">Find by author, word, year, DOI or key</label>
    <input id="cite-words" type="text" role="combobox" autocomplete="off" aria-expanded="false"
      aria-controls="cite-found" aria-autocomplete="list">
    <p id="cite-count" role="status"></p>
    <ul id="cite-found" role="listbox" aria-labelledby="cite-title"></ul>
    <label for="cite-place">Page or table, if you want one</label>
    <input id="cite-place" type="text" maxlength="80" placeholder="p. 3">
    <p class="desk-buttons">
      <button type="button" value="insert" disabled>Put it in</button>
      <button value="cancel">Close</button>
    </p>
  </form>`;

/**
 * Returns a function that asks for a work and calls `onChoose(work, place)`, or `onClose()` where none
 * was chosen.
 */
export function offerWorks(address) {
  const dialog = document.createElement("dialog");
  dialog.className = "desk-cite";
  dialog.setAttribute("aria-labelledby", "cite-title");
  dialog.innerHTML = DIALOG;
  document.body.append(dialog);
  const words = dialog.querySelector("#cite-words");
  const place = dialog.querySelector("#cite-place");
  const list = dialog.querySelector("#cite-found");
  const count = dialog.querySelector("#cite-count");
  const put = dialog.querySelector("[value=insert]");
  let asked = null;
  let works = [];
  let active = -1;
  let timer = 0;
  let latest = 0;

  const options = () => [...list.children];

  const choose = (number) => {
    const all = options();
    active = all.length ? (number + all.length) % all.length : -1;
    all.forEach((option, where) => option.setAttribute("aria-selected", String(where === active)));
    const chosen = all[active];
    if (chosen) {
      words.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      words.removeAttribute("aria-activedescendant");
    }
    put.disabled = !chosen || chosen.getAttribute("aria-disabled") === "true";
  };

  const show = ({ results, total }) => {
    works = results;
    list.replaceChildren(...results.map((result, number) => {
      const option = document.createElement("li");
      option.id = `cite-option-${number}`;
      option.setAttribute("role", "option");
      option.dataset.key = result.key;
      if (!result.may_be_cited) option.setAttribute("aria-disabled", "true");
      const title = document.createElement("strong");
      title.textContent = result.title;
      const about = document.createElement("span");
      about.textContent = `${result.about} · ${result.key}`;
      option.append(title, about);
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => { choose(number); insertChosen(); });
      return option;
    }));
    words.setAttribute("aria-expanded", String(results.length > 0));
    if (!results.length) count.textContent = "No work has all of these words.";
    else if (total > results.length) count.textContent = `${results.length} of ${total} works: type more to see fewer.`;
    else count.textContent = results.length === 1 ? "1 work." : `${results.length} works.`;
    choose(results.length ? 0 : -1);
  };

  const find = async () => {
    const mine = ++latest;
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(words.value)}`, {
        headers: { Accept: "application/json" },
      });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const found = await answer.json();
      if (mine === latest) show(found);
    } catch {
      if (mine === latest) count.textContent = "The search doesn’t answer. You can type [@key] yourself.";
    }
  };

  function insertChosen() {
    const work = works[active];
    if (!work || put.disabled) return;
    const { onChoose } = asked;
    asked = null;
    dialog.close();
    onChoose(work, place.value.trim().replace(/[\]\[;@]/g, ""));
  }

  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, 200);
  });
  words.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(active + (event.key === "ArrowDown" ? 1 : -1));
    }
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault();
      insertChosen();
    }
  });
  put.addEventListener("click", insertChosen);
  dialog.addEventListener("close", () => asked?.onClose());

  return (question) => {
    asked = question;
    words.value = "";
    place.value = "";
    dialog.showModal();
    words.focus();
    find();
  };
}

/** Puts a citation into a text box: one blank before it, and beside another it joins it. */
export function citeInField(field, findWork) {
  const [start, end] = [field.selectionEnd, field.selectionEnd];
  findWork({
    onChoose({ key }, where) {
      const before = field.value.slice(0, start);
      const neighbour = /\[(@[^\]\[]+)\]$/.exec(before);
      const cited = `@${key}${where ? `, ${where}` : ""}`;
      if (neighbour) insert(field, `[${neighbour[1]}; ${cited}]`, start - neighbour[0].length, end);
      else insert(field, `${before && !/\s$/.test(before) ? " " : ""}[${cited}]`, start, end);
    },
    onClose: () => field.focus(),
  });
}
