// Keeps what is typed in this browser until it is saved: a crash, a closed window or a sign-in that
// ended loses nothing.

import { askBeforeSigningOut, dayAndTime, forgetOld, keepStates, statesOf } from "./kept_states.js";

const PREFIX = "portal-unsaved-";

const taken = (field) =>
  field.name && !["csrfmiddlewaretoken", "expected_version"].includes(field.name)
  && !field.name.endsWith("-id") && !field.name.endsWith("-revision") && field.type !== "submit"
  && field.type !== "file";

const fieldsOf = (form) => [...form.elements].filter(taken);

const valueOf = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);

const read = (form) => Object.fromEntries(fieldsOf(form).map((field) => [field.name, valueOf(field)]));

const plain = (value) => value.trim().replace(/\r\n/g, "\n");

/** What the parts of each group hold, in the order of their places. */
function partsInOrder(fields) {
  const groups = {};
  for (const [name, value] of Object.entries(fields)) {
    const [, group, row, end] = /^(.+)-(\d+)-(.+)$/.exec(name) ?? [];
    if (!group || fields[`${group}-${row}-DELETE`] === "true") continue;
    const part = ((groups[group] ??= {})[row] ??= { place: 0, words: [] });
    if (end === "position") part.place = Number(value || Infinity);
    else if (end !== "DELETE") part.words.push(plain(value));
  }
  return Object.fromEntries(Object.entries(groups).map(([group, rows]) => [
    group, Object.values(rows).sort((one, other) => one.place - other.place || 0).map(({ words }) => words.join("\n")),
  ]));
}

/** Whether the parts that both have follow each other alike. */
function holdsOrder(form, typed) {
  const there = partsInOrder(form);
  return Object.entries(partsInOrder(typed)).every(([group, parts]) => {
    const places = parts.map((part) => there[group]?.indexOf(part) ?? -1).filter((place) => place >= 0);
    return places.every((place, index) => !index || places[index - 1] <= place);
  });
}

/** Whether everything that was typed is in the form: then there is nothing to bring back. */
function holds(form, typed) {
  return holdsWords(form, typed) && holdsOrder(form, typed);
}

function holdsWords(form, typed) {
  const there = new Set(Object.values(form).map(plain));
  return Object.entries(typed).every(([name, value]) => {
    const row = /^(.+-\d+)-/.exec(name)?.[1];
    const counts = name.endsWith("_FORMS") || name.includes("__prefix__") || name.endsWith("-position")
      || name.endsWith("-DELETE") || typed[`${row}-DELETE`] === "true";
    return counts || !plain(value) || there.has(plain(value));
  });
}

function put(form, fields) {
  // Parts that were added since: press their button until there are enough.
  for (const [name, wanted] of Object.entries(fields)) {
    if (!name.endsWith("-TOTAL_FORMS")) continue;
    const group = document.getElementById(`${name.replace("-TOTAL_FORMS", "")}-group`);
    for (let more = 0; more < 200; more += 1) {
      if (Number(form.elements[name]?.value) >= Number(wanted)) break;
      const add = group?.querySelector(".add-row a");
      if (!add) break;
      add.click();
    }
  }
  for (const field of fieldsOf(form)) {
    if (field.name.endsWith("_FORMS") || !(field.name in fields)) continue;
    if (field.type === "checkbox") field.checked = fields[field.name] === "true";
    else field.value = fields[field.name];
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

const labelOf = (field) => field.labels?.[0]?.textContent.replace(/[:*]\s*$/, "").trim() || field.name;

function element(tag, properties = {}, ...inside) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...inside);
  return node;
}

/** The fields that differ, as kept and as they are in the form now. */
function comparison(form, kept) {
  const now = read(form);
  const rows = Object.entries(kept.fields).filter(([name, value]) =>
    plain(value) !== plain(now[name] ?? "") && plain(value) && !/_FORMS$|__prefix__|-(?:position|DELETE)$/.test(name));
  const head = element("tr", {}, ...["Part", "Kept", "In the form"].map((textContent) => element("th", { scope: "col", textContent })));
  const body = rows.map(([name, value]) => element(
    "tr", {}, element("th", { scope: "row", textContent: form.elements[name] ? labelOf(form.elements[name]) : "A part that is not in the form" }),
    element("td", { textContent: value }), element("td", { textContent: now[name] ?? "" }),
  ));
  const table = element("table", { className: "desk-differences desk-clash" }, element("thead", {}, head), element("tbody", {}, ...body));
  const frame = element("div", { className: "desk-scroll", tabIndex: 0 }, table);
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Kept text beside the form");
  return frame;
}

/** One state that was kept: compare it, put it back, throw it away. */
function stateRow(form, kept, version, forget) {
  const words = element("p", { textContent: `Text that you typed here on ${dayAndTime(kept.at)} was not saved. It is kept in this browser.` });
  if (kept.version !== version) words.append(" The text was saved since: compare before you save.");
  const row = element("div", {}, words);
  const button = (textContent, act) => {
    const made = element("button", { type: "button", className: "button", textContent });
    made.addEventListener("click", () => act(made));
    row.append(made, " ");
  };
  button("Put it back", () => {
    put(form, kept.fields);
    row.remove();
    form.querySelector(".text, textarea:not([hidden])")?.focus();
  });
  button("Compare", (made) => {
    const there = row.querySelector(".desk-scroll");
    if (there) there.remove();
    else row.append(comparison(form, kept));
    made.setAttribute("aria-expanded", String(!there));
  });
  button("Throw it away", () => {
    if (!window.confirm("Throw the unsaved text away? It can’t be brought back.")) return;
    forget();
    row.remove();
  });
  return row;
}

function offer(form, key, states) {
  const version = form.elements.expected_version.value;
  const notice = element("section", { className: "desk-standing desk-unsaved" });
  notice.setAttribute("role", "alert");
  for (const kept of [...states].reverse()) {
    notice.append(stateRow(form, kept, version, () => keepStates(key, statesOf(key).filter(({ at }) => at !== kept.at))));
  }
  form.before(notice);
}

/**
 * Keeps what is typed, each visit in a state of its own: what an earlier visit left is offered, and
 * stays until it was saved or thrown away.
 */
export function keepUnsaved(form, revision) {
  const key = `${PREFIX}${revision}`;
  let states;
  try {
    forgetOld(PREFIX);
    states = statesOf(key).filter(({ fields }) => fields);
  } catch {
    return; // no storage in this browser
  }
  const asSaved = read(form);
  // After a refused save the form shows what was typed: nothing to bring back.
  const refused = Boolean(document.querySelector(".errornote"));
  const missing = states.filter(({ fields }) => !holds(asSaved, fields));
  if (missing.length !== states.length) keepStates(key, missing);
  if (missing.length) offer(form, key, missing);
  const began = Date.now();
  let timer = 0;
  const hasUnsaved = () => refused || !holds(asSaved, read(form));
  const keep = () => {
    clearTimeout(timer);
    const others = statesOf(key).filter(({ visit }) => visit !== began);
    try {
      if (!hasUnsaved()) keepStates(key, others);
      else keepStates(key, [...others, { visit: began, at: Date.now(), version: form.elements.expected_version.value, fields: read(form) }]);
    } catch {
      // The storage is full: the form itself still holds the text.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 300);
  });
  form.addEventListener("submit", keep);
  window.addEventListener("pagehide", keep);
  askBeforeSigningOut(hasUnsaved);
}
