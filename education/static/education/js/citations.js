/**
 * Opens a citation's reference in a card beside it. Without this, or with a modifier key, the
 * number is a plain link to the reference and back.
 */

const GAP = 8;
const words = document.getElementById("citation-words").dataset;
const card = document.createElement("div");
card.className = "citation-card";
card.popover = "auto";
card.tabIndex = -1;
card.setAttribute("role", "dialog");
card.setAttribute("aria-labelledby", "citation-card-title");
let opener = null;

/** The reference a citation link leads to, if it is on this page. */
function referenceOf(link) {
  return document.getElementById(decodeURIComponent(link.hash.slice(1)));
}

/** Fills the card with a copy of a reference, without ids that would then exist twice. */
function fill(link, reference) {
  const top = document.createElement("div");
  top.className = "citation-card-top";
  const title = document.createElement("p");
  title.id = "citation-card-title";
  title.textContent = words.reference.replace(
    "{}", reference.value || link.textContent.replace(/\D/g, ""),
  );
  const close = document.createElement("button");
  close.type = "button";
  close.className = "citation-card-close";
  close.setAttribute("aria-label", words.close);
  close.textContent = "✕";
  close.addEventListener("click", () => card.hidePopover());
  top.append(title, close);

  const copy = document.createElement("div");
  copy.append(...[...reference.cloneNode(true).childNodes]);
  copy.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
  copy.querySelectorAll(".backlinks").forEach((part) => part.remove());

  const all = document.createElement("p");
  const jump = document.createElement("a");
  jump.className = "citation-card-all";
  jump.href = link.hash;
  jump.textContent = words.list;
  jump.addEventListener("click", () => card.hidePopover());
  all.append(jump);
  card.replaceChildren(top, copy, all);
}

/** Below the number where there is room, above it where there is none, always within the page. */
function place(link) {
  const spot = link.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  const left = Math.min(Math.max(GAP, spot.left - width / 3), room - width - GAP);
  const below = spot.bottom + GAP;
  const top = below + height < window.innerHeight ? below : Math.max(GAP, spot.top - height - GAP);
  card.style.left = `${left + window.scrollX}px`;
  card.style.top = `${top + window.scrollY}px`;
}

function open(event) {
  const link = event.target.closest("a[role=doc-biblioref]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const reference = referenceOf(link);
  if (!reference) return;
  event.preventDefault();
  opener = link;
  fill(link, reference);
  card.showPopover();
  place(link);
  card.focus({ preventScroll: true });
}

if ("popover" in HTMLElement.prototype) {
  document.body.append(card);
  document.addEventListener("click", open);
  card.addEventListener("toggle", (event) => {
    const left = card.contains(document.activeElement) || document.activeElement === document.body;
    if (event.newState === "closed" && left) opener?.focus({ preventScroll: true });
  });
}
