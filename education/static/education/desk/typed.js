// Keeps what is typed into a page's text boxes in this browser until the page shows it as recorded:
// a crash or a sign-in that ended loses nothing. Each visit keeps a state of its own, so that typing
// anew never replaces what an earlier visit left.
import { askBeforeSigningOut, dayAndTime, forgetOld, keepStates, statesOf } from "./kept_states.js";

const PREFIX = "portal-typed-";
const visit = Date.now();

const keyOf = (box) => `${PREFIX}${document.querySelector("#user-tools strong")?.textContent ?? ""}`
  + `-${window.location.pathname.replace(/\/comment\/$/, "/review/")}-${box.id}`;

const plain = (words) => words.replace(/\s+/g, " ").trim();

/** Earlier releases kept the words of a box alone. */
function takeOverOldStates() {
  for (const key of Object.keys(localStorage)) {
    const kept = localStorage.getItem(key);
    if (key.startsWith(PREFIX) && !kept.startsWith('[{"visit"')) keepStates(key, [{ visit: 0, at: visit, text: kept }]);
  }
}

/** What earlier visits left and the page does not show, oldest first. */
function waitingStates(key, page) {
  const states = statesOf(key);
  const recorded = states.filter(({ text }) => page.includes(plain(text)));
  const done = new Set(recorded.flatMap((state) => [state.visit, state.began]));
  const waiting = states.filter((state) => !done.has(state.visit));
  keepStates(key, waiting);
  return waiting;
}

const button = (textContent, act) => {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "desk-go", textContent });
  made.addEventListener("click", act);
  return made;
};

function notice(box, words, ...inside) {
  const row = document.createElement("div");
  row.className = "desk-standing desk-unsaved";
  row.setAttribute("role", "status");
  row.append(Object.assign(document.createElement("p"), { textContent: words }), ...inside);
  box.before(row);
  const folded = box.closest("details");
  if (folded) folded.open = true;
  return row;
}

const told = (at) => `You typed this here on ${dayAndTime(at)} and it was not recorded; it was kept in this browser.`;

/** A state that does not stand in the box: read it, put it back, throw it away. */
function offer(box, { at, text }, forget) {
  const row = notice(
    box, told(at), Object.assign(document.createElement("blockquote"), { textContent: text }),
    button("Put it back", () => {
      // Below what is in the box: putting back replaces nothing either.
      box.value = [box.value, text].filter((part) => part.trim()).join("\n\n");
      box.dispatchEvent(new Event("input", { bubbles: true }));
      row.remove();
      box.focus();
    }), " ",
    button("Throw it away", () => {
      if (!window.confirm("Throw these words away? They can’t be brought back.")) return;
      forget();
      row.remove();
      box.focus();
    }),
  );
}

function keepBox(box, page) {
  const key = keyOf(box);
  const waiting = waitingStates(key, page).filter(({ text }) => !plain(box.value).includes(plain(text)));
  const last = box.value ? null : waiting.pop();
  if (last) {
    box.value = last.text;
    notice(box, told(last.at));
  }
  for (const state of waiting) {
    offer(box, state, () => keepStates(key, statesOf(key).filter((other) => other.visit !== state.visit)));
  }
  box.addEventListener("input", () => {
    try {
      const others = statesOf(key).filter((state) => state.visit !== visit);
      const mine = { visit, at: Date.now(), text: box.value, began: last?.visit };
      keepStates(key, box.value.trim() ? [...others, mine] : others);
    } catch {
      // The storage is full: the box itself still holds the words.
    }
  });
}

const boxes = new Set();

/** Keeps what is typed in these boxes, and offers what an earlier visit left; may be called again for more. */
export function keepTyped(more) {
  const page = plain(document.getElementById("content")?.textContent ?? "");
  const isFirst = !boxes.size;
  try {
    if (isFirst) {
      takeOverOldStates();
      forgetOld(PREFIX);
    }
    for (const box of more) {
      boxes.add(box);
      keepBox(box, page);
    }
  } catch {
    return; // no storage in this browser
  }
  if (!isFirst) return;
  askBeforeSigningOut(() => [...boxes].some((box) => box.isConnected && box.value.trim() && box.value !== box.defaultValue));
}
