/**
 * Marks in the list of contents the section that is being read, offers to copy a link to it, and
 * names it in the link that reports a problem.
 * Without it the list only links.
 */

/** Opens what hides the place that an address leads to; most browsers do so themselves. */
function reveal() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = place?.closest("details:not([open])");
  if (!closed) return;
  closed.open = true;
  place.scrollIntoView();
}
window.addEventListener("hashchange", reveal);
reveal();

const links = new Map(
  [...document.querySelectorAll(".contents a[href^='#']")].map((link) => [
    decodeURIComponent(link.hash.slice(1)),
    link,
  ]),
);
const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);

const report = document.querySelector(".contents-report a");

/** The last heading above the upper third of the window is the one being read. */
function mark() {
  const line = window.innerHeight / 3;
  const read = headings.findLast((heading) => heading.getBoundingClientRect().top < line);
  if (read && report) report.search = `?section=${encodeURIComponent(read.id)}`;
  for (const [id, link] of links) {
    if (read && id === read.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// Where there is room beside the text the list stays open; browsers that can do so by style alone
// show it anyway.
const list = document.querySelector(".contents details");
const wide = window.matchMedia("(min-width: 62rem)");
if (list) list.open = wide.matches;
wide.addEventListener("change", () => {
  if (list) list.open = wide.matches;
});

if (headings.length) {
  // A heading that passes the line is the only moment at which the mark can move.
  const watcher = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
  headings.forEach((heading) => watcher.observe(heading));
  mark();
}

/** One button for the whole page: it copies the address of the section that is being read. */
function offerToCopy(details) {
  const { copy, copied } = details.dataset;
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "contents-copy", textContent: copy,
  });
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    const read = document.querySelector(".contents a[aria-current]") ?? links.values().next().value;
    await navigator.clipboard.writeText(read.href);
    said.textContent = `${copied} ${read.textContent}`;
  });
  details.append(button, said);
}

// Browsers offer the clipboard to safe addresses only.
if (list && headings.length && navigator.clipboard) offerToCopy(list);
