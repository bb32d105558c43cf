// Keeps what is typed in this browser until it is saved: a crash, a closed window or a sign-in that
// ended loses nothing.

const PREFIX = "portal-unsaved-";
const DAYS = 30;

const taken = (field) =>
  field.name && !["csrfmiddlewaretoken", "expected_version"].includes(field.name)
  && !field.name.endsWith("-id") && !field.name.endsWith("-revision") && field.type !== "submit"
  && field.type !== "file";

const fieldsOf = (form) => [...form.elements].filter(taken);

const valueOf = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);

const read = (form) => Object.fromEntries(fieldsOf(form).map((field) => [field.name, valueOf(field)]));

const plain = (value) => value.trim().replace(/\r\n/g, "\n");

/** Whether everything that was typed is in the form: then there is nothing to bring back. */
function holds(form, typed) {
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

function forgetOld() {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(PREFIX)) continue;
    const { at } = JSON.parse(localStorage.getItem(key) ?? "{}");
    if (!at || Date.now() - at > DAYS * 24 * 3600 * 1000) localStorage.removeItem(key);
  }
}

function offer(form, key, kept) {
  const notice = document.createElement("section");
  notice.className = "desk-standing desk-unsaved";
  notice.setAttribute("role", "alert");
  const when = new Date(kept.at).toLocaleString(document.documentElement.lang, {
    dateStyle: "medium", timeStyle: "short",
  });
  const said = document.createElement("p");
  said.textContent = `Text that you typed here on ${when} was not saved. It is kept in this browser.`;
  if (kept.version !== form.elements.expected_version.value) {
    said.textContent += " The text was saved since: compare before you save.";
  }
  const restore = Object.assign(document.createElement("button"), {
    type: "button", className: "button", textContent: "Put it back",
  });
  const drop = Object.assign(document.createElement("button"), {
    type: "button", className: "button", textContent: "Throw it away",
  });
  restore.addEventListener("click", () => {
    put(form, kept.fields);
    notice.remove();
    form.querySelector("textarea")?.focus();
  });
  drop.addEventListener("click", () => {
    if (!window.confirm("Throw the unsaved text away? It can’t be brought back.")) return;
    localStorage.removeItem(key);
    notice.remove();
  });
  notice.append(said, restore, " ", drop);
  form.before(notice);
}

export function keepUnsaved(form, revision) {
  const key = `${PREFIX}${revision}`;
  let stored;
  try {
    forgetOld();
    stored = JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return; // no storage in this browser
  }
  const asSaved = read(form);
  // After a refused save the form shows what was typed: nothing to bring back.
  const refused = Boolean(document.querySelector(".errornote"));
  if (stored && !refused) {
    if (holds(asSaved, stored.fields)) localStorage.removeItem(key);
    else offer(form, key, stored);
  }
  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    const fields = read(form);
    if (holds(asSaved, fields) && !refused) return;
    try {
      localStorage.setItem(key, JSON.stringify({
        at: Date.now(), version: form.elements.expected_version.value, fields,
      }));
    } catch {
      // The storage is full: the form itself still holds the text.
    }
  };
  form.addEventListener("input", () => {
    document.querySelector(".desk-unsaved")?.remove();
    clearTimeout(timer);
    timer = setTimeout(keep, 300);
  });
  form.addEventListener("submit", keep);
  window.addEventListener("pagehide", keep);
}
