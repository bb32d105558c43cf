// At a review: the decision waits for the reviewer's word on interests, evidence follows the text,
// words that are marked can be commented on, and what is typed is kept. Without this, the page and
// the server ask for the same.
import { findRange, markedPassage } from "./passages.js";
import { whenShown } from "./reading.js";
import { keepTyped } from "./typed.js";

const form = document.querySelector("[data-decision]");
const frame = document.querySelector("[data-readers] iframe");
const works = document.querySelector("[data-works]");
const comment = document.querySelector("[data-comment]");

function waitForInterests(confirmed, record) {
  const why = document.createElement("p");
  why.id = "why-not-yet";
  why.textContent = "Confirm your declaration of interests, then you can record your decision.";
  record.before(why);
  const follow = () => {
    record.disabled = !confirmed.checked;
    why.hidden = confirmed.checked;
    record.removeAttribute("aria-describedby");
    if (!confirmed.checked) record.setAttribute("aria-describedby", why.id);
  };
  confirmed.addEventListener("change", follow);
  window.addEventListener("pageshow", follow);
  follow();
}

/** The evidence of the sentence that is read comes into view beside it. */
function showEvidence(page) {
  const follow = (event) => {
    const number = /^#ref-(\d+)$/.exec(event.target.closest(".cite a")?.getAttribute("href") ?? "")?.[1];
    const found = number && document.getElementById(`evidence-${number}`);
    if (!found) return;
    works.querySelector(".desk-shown")?.classList.remove("desk-shown");
    found.classList.add("desk-shown");
    if (works.scrollHeight > works.clientHeight) works.scrollTop = found.offsetTop - works.offsetTop;
  };
  page.addEventListener("focusin", follow);
  page.addEventListener("pointerover", follow);
}

/** A button that takes words marked in the frame into a comment; gives what to call for each page. */
function offerToComment() {
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "desk-go desk-mark", textContent: "Comment on the words you marked",
    hidden: true,
  });
  frame.before(button);
  let passage = null;
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    comment.open = true;
    const fields = { passage: passage.words, words_before: passage.before, words_after: passage.after };
    for (const [name, value] of Object.entries(fields)) comment.querySelector(`[name=${name}]`).value = value;
    comment.querySelector("[name=text]").focus();
    button.hidden = true;
  });
  return (page) => {
    const text = page.querySelector("main");
    page.addEventListener("selectionchange", () => {
      const chosen = page.getSelection();
      const inside = chosen?.rangeCount && text.contains(chosen.getRangeAt(0).commonAncestorContainer);
      const marked = inside && !chosen.isCollapsed ? markedPassage(text, chosen.getRangeAt(0)) : null;
      if (marked) passage = marked;
      // Who comes to the button by keyboard still has the words they marked.
      if (document.activeElement !== button) button.hidden = !marked;
    });
  };
}

const passageOf = ({ textContent: words, dataset: { before, after } }) => ({ words, before, after });

/** Underlines every passage with an open comment in the text itself. */
function underlinePassages(page) {
  const text = page.querySelector("main");
  const ranges = [...document.querySelectorAll("[data-passage]")].map((quote) => findRange(text, passageOf(quote)));
  const shown = frame.contentWindow;
  shown.CSS.highlights.set("desk-commented", new shown.Highlight(...ranges.filter(Boolean)));
}

function showPassages() {
  if (!CSS.highlights) return;
  whenShown(frame, underlinePassages);
  for (const quote of document.querySelectorAll("[data-passage]")) {
    const button = Object.assign(document.createElement("button"), {
      type: "button", className: "desk-go", textContent: "Show in the text",
    });
    const go = () => {
      const text = frame.contentDocument?.querySelector("main");
      if (!text) {
        frame.addEventListener("load", go, { once: true });
        return;
      }
      const range = findRange(text, passageOf(quote));
      if (!range) return;
      const shown = frame.contentWindow;
      shown.CSS.highlights.set("desk-passage", new shown.Highlight(range));
      range.startContainer.parentElement.closest("details:not([open])")?.setAttribute("open", "");
      frame.scrollIntoView({ block: "nearest" });
      range.startContainer.parentElement.scrollIntoView({ block: "center" });
      text.tabIndex = -1;
      text.focus({ preventScroll: true });
    };
    button.addEventListener("click", go);
    quote.after(button);
  }
}

const confirmed = form?.querySelector("[name=interests_confirmed]");
const record = form?.querySelector("input[type=submit]");
if (confirmed && record) waitForInterests(confirmed, record);
if (frame && works) whenShown(frame, showEvidence);
if (frame && comment) whenShown(frame, offerToComment());
if (frame) showPassages();
keepTyped(document.querySelectorAll("#comments textarea, [data-decision] textarea"));
