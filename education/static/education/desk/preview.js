// Draws the preview a moment after the last key, by the same renderer as the public page, with what
// there is to mend beside it; each thing to mend leads to its place in the text.

/** The fields a text is typed in, in the order of the page. */
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.matches("textarea, input[type=text]"));

/** The name of the field that holds a place in the text, such as "body", "rows.0.stem-cells". */
function nameOf(where) {
  const [part, number, option] = where.split(".");
  const names = {
    key_messages: `key_messages-${number}-text`,
    rows: `comparison_rows-${number}-${option ? `cell-${option}-text` : "question"}`,
    claims: `claim_checks-${number}-answer`,
    terms: `glossary_terms-${number}-definition`,
  };
  return names[part] ?? part;
}

/** The field a problem is in: the one of its name, and among those the one that holds its words. */
function placeOf(form, where, message) {
  const quoted = /“([^”]+)”/.exec(message)?.[1]?.replace(/…$/, "").trim() ?? "";
  const name = nameOf(where);
  const named = fieldsOf(form).filter((field) => field.name === name);
  const others = fieldsOf(form).filter((field) => field.name !== name);
  const words = quoted.split(/\s+/).filter(Boolean);
  for (let count = words.length; count > 0; count -= 1) {
    const wanted = words.slice(0, count).join(" ");
    for (const field of [...named, ...others]) {
      // In the form, a line may end where the page has a space.
      const start = field.value.replace(/\s/g, " ").indexOf(wanted);
      if (start >= 0) return { field, start, end: start + wanted.length };
    }
    if (count < 3) break;
  }
  return named[0] ? { field: named[0], start: 0, end: 0 } : null;
}

/** The problems that are listed, with the field each stands in. */
function problemsOf(form, beside) {
  return [...beside.querySelectorAll("[data-where]")].map((problem) => {
    const { where, nth } = problem.dataset;
    const message = problem.textContent.replace(/\s+Show$/, "").trim().replace(/\s+/g, " ");
    const words = problem.dataset.words || (/“([^”]+)”/.exec(message)?.[1] ?? "");
    const mustMend = Boolean(problem.closest(".desk-blocking"));
    return { field: form.elements[nameOf(where)], words, nth: Number(nth ?? 0), message, mustMend };
  });
}

/** Makes each problem a button that goes to its place. */
function linkProblems(form, beside) {
  for (const problem of beside.querySelectorAll("[data-where]")) {
    const message = problem.textContent;
    const place = placeOf(form, problem.dataset.where, message);
    if (!place) continue;
    const go = document.createElement("button");
    go.type = "button";
    go.className = "desk-go";
    go.textContent = "Show";
    go.setAttribute("aria-label", `Show in the text: ${message.trim().replace(/\s+/g, " ")}`);
    go.addEventListener("click", () => {
      const now = placeOf(form, problem.dataset.where, message) ?? place;
      const { words, nth } = problem.dataset;
      const quoted = now.field.value.slice(now.start, now.end).replace(/\s+/g, " ");
      const detail = { words: words || quoted, nth: Number(nth ?? 0), message: message.trim().replace(/\s+/g, " ") };
      // A surface takes it; the text box shows the words itself.
      if (!now.field.dispatchEvent(new CustomEvent("desk:show", { bubbles: true, cancelable: true, detail }))) return;
      now.field.closest("details:not([open])")?.setAttribute("open", "");
      now.field.focus();
      now.field.setSelectionRange?.(now.start, now.end);
      const line = now.field.value.slice(0, now.start).split("\n").length;
      const all = now.field.value.split("\n").length;
      now.field.scrollTop = (now.field.scrollHeight * (line - 2)) / all;
      now.field.scrollIntoView({ block: "center" });
    });
    problem.append(" ", go);
  }
}

export function showPreview(form, panel) {
  const text = panel.querySelector("[data-preview-text]");
  const beside = panel.querySelector("[data-beside]");
  let timer = 0;
  let latest = 0;

  const draw = async () => {
    const mine = ++latest;
    try {
      const response = await fetch(panel.dataset.preview, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      if (!response.ok || response.redirected) throw new Error(response.statusText);
      const drawn = await response.json();
      if (mine !== latest) return;
      text.innerHTML = drawn.html;
      beside.innerHTML = drawn.beside;
      linkProblems(form, beside);
      form.dispatchEvent(new CustomEvent("desk:drawn", { detail: { problems: problemsOf(form, beside) } }));
    } catch {
      if (mine === latest) panel.classList.add("desk-stale");
      return;
    }
    panel.classList.remove("desk-stale");
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 600);
  });
  linkProblems(form, beside);
  window.addEventListener("desk:ready", () => {
    form.dispatchEvent(new CustomEvent("desk:drawn", { detail: { problems: problemsOf(form, beside) } }));
  });
  // What was typed before this script came, or what the browser put back.
  if (fieldsOf(form).some((field) => field.value !== field.defaultValue)) draw();
}
