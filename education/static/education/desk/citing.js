// Finds evidence as you type: a combobox in a dialog.
import { insert } from "./toolbar.js";

const DIALOG = `
  <form method="dialog">
    <h2 id="cite-title">Cite evidence</h2>
    <label for="cite-words">Find by author, word, year, DOI or key</label>
    <input id="cite-words" type="text" role="combobox" autocomplete="off" aria-expanded="false"
      aria-controls="cite-found" aria-autocomplete="list">
    <p id="cite-count" role="status"></p>
    <p id="cite-import" hidden><a target="_blank">Import this work (opens a new tab)</a>, then find it here.</p>
    <ul id="cite-found" role="listbox" aria-labelledby="cite-title"></ul>
    <label for="cite-place">Page or table, if you want one</label>
    <input id="cite-place" type="text" maxlength="80" placeholder="p. 3">
    <section id="cite-chosen" aria-label="Chosen works" hidden><h3>Chosen</h3><ul></ul></section>
    <p class="desk-buttons">
      <button type="button" value="insert" disabled>Put it in</button>
      <button type="button" value="more" disabled title="Shift+Enter">Choose it, find another</button>
      <button value="cancel">Close</button>
    </p>
  </form>`;

// As the server takes them: see education/evidence/identifiers.py.
const DOI = /^(?:doi\s*[:=]?\s*|https?:\/\/(?:dx\.|www\.)?doi\.org\/)?(10\.\d{4,9}\/\S+)$/i;
const PUBMED = /^(?:(?:pmid\s*[:=]?\s*)(\d{1,8})|https?:\/\/(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov\/pubmed)\/(\d{1,8})\/?|(\d{6,8}))$/i;

/** The DOI or PubMed number that some words are, and nothing beside; "" where they are none. */
export function identifierIn(words) {
  const trimmed = words.trim();
  return DOI.exec(trimmed)?.[1] ?? PUBMED.exec(trimmed)?.slice(1).find(Boolean) ?? "";
}

/**
 * Returns a function that asks for works and calls `onChoose([{ work, locator }])`, or `onClose()`
 * where none was chosen. `imports` is where works are imported by their identifiers; `question.words`
 * is what is looked for at first.
 */
export function offerWorks(address, imports) {
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
  const another = dialog.querySelector("[value=more]");
  const offer = dialog.querySelector("#cite-import");
  const chosenList = dialog.querySelector("#cite-chosen");
  let asked = null;
  let works = [];
  let chosen = []; // of this question, with their places
  let active = -1;
  let timer = 0;
  let latest = 0;

  const options = () => [...list.children];

  const choose = (number) => {
    const all = options();
    active = all.length ? (number + all.length) % all.length : -1;
    all.forEach((option, where) => option.setAttribute("aria-selected", String(where === active)));
    const option = all[active];
    if (option) {
      words.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      words.removeAttribute("aria-activedescendant");
    }
    another.disabled = !option || option.getAttribute("aria-disabled") === "true";
    put.disabled = another.disabled && !(chosen.length && !option);
    put.textContent = chosen.length + (another.disabled ? 0 : 1) > 1 ? "Put them in" : "Put it in";
  };

  const showChosen = () => {
    chosenList.hidden = !chosen.length;
    chosenList.querySelector("ul").replaceChildren(...chosen.map(({ work, locator }, at) => {
      const entry = Object.assign(document.createElement("li"), { textContent: `${work.name}${locator ? `, ${locator}` : ""} ` });
      const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "Remove" });
      remove.setAttribute("aria-label", `Remove ${work.name}`);
      remove.addEventListener("click", () => {
        chosen = chosen.filter((_, other) => other !== at);
        showChosen();
        choose(active);
        words.focus();
      });
      entry.append(remove);
      return entry;
    }));
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
    const identifier = results.length ? "" : identifierIn(words.value);
    offer.hidden = !identifier || !imports;
    if (!offer.hidden) offer.firstChild.href = `${imports}?identifiers=${encodeURIComponent(identifier)}`;
    // With works chosen and nothing looked for, Enter puts in those alone.
    choose(results.length && (words.value.trim() || !chosen.length) ? 0 : -1);
  };

  const find = async () => {
    const mine = ++latest;
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(identifierIn(words.value) || words.value)}`, {
        headers: { Accept: "application/json" },
      });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const found = await answer.json();
      if (mine === latest) show(found);
    } catch {
      if (mine === latest) count.textContent = "The search doesn’t answer. You can type [@key] yourself.";
    }
  };

  /** Takes the work that is marked among those to be put in. False where none may be taken. */
  function take() {
    if (another.disabled) return false;
    const work = works[active];
    const locator = place.value.trim().replace(/[\]\[;@]/g, "");
    chosen = [...chosen.filter((other) => other.work.key !== work.key), { work, locator }];
    return true;
  }

  function insertChosen() {
    if (put.disabled) return;
    take();
    const { onChoose } = asked;
    asked = null;
    dialog.close();
    onChoose(chosen);
  }

  function takeAndGoOn() {
    if (!take()) return;
    words.value = "";
    place.value = "";
    showChosen();
    words.focus();
    find();
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
      if (event.shiftKey) takeAndGoOn();
      else insertChosen();
    }
  });
  put.addEventListener("click", insertChosen);
  another.addEventListener("click", takeAndGoOn);
  dialog.addEventListener("close", () => asked?.onClose());

  return (question) => {
    asked = question;
    words.value = question.words ?? "";
    place.value = "";
    chosen = [];
    showChosen();
    offer.hidden = true;
    dialog.showModal();
    words.focus();
    find();
  };
}

/** Puts a citation into a text box: one blank before it, and beside another it joins it. */
export function citeInField(field, findWork) {
  const [start, end] = [field.selectionEnd, field.selectionEnd];
  findWork({
    onChoose(works) {
      const before = field.value.slice(0, start);
      const neighbour = /\[(@[^\]\[]+)\]$/.exec(before);
      const cited = works.map(({ work, locator }) => `@${work.key}${locator ? `, ${locator}` : ""}`).join("; ");
      if (neighbour) insert(field, `[${neighbour[1]}; ${cited}]`, start - neighbour[0].length, end);
      else insert(field, `${before && !/\s$/.test(before) ? " " : ""}[${cited}]`, start, end);
    },
    onClose: () => field.focus(),
  });
}
