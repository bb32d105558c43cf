// The frame that shows a draft by the public templates: which kind of page is chosen, how wide it
// is, and that links which leave the text open beside it.

/** Calls back with the document in the frame, now and whenever another is shown. */
export function whenShown(frame, show) {
  const shown = () => {
    const page = frame.contentDocument;
    if (page?.readyState === "complete" && page.querySelector("main")) show(page);
  };
  frame.addEventListener("load", shown);
  shown();
}

function openOutside(page) {
  for (const link of page.querySelectorAll("a[href]")) {
    const href = link.getAttribute("href");
    if (!href.startsWith("#")) link.target = "_blank";
  }
}

function followChoice(readers, frame) {
  for (const link of readers.querySelectorAll("nav a")) {
    link.addEventListener("click", () => {
      readers.querySelector("[aria-current]")?.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
      frame.dataset.width = link.dataset.width ?? "desk";
    });
  }
}

for (const readers of document.querySelectorAll("[data-readers]")) {
  const frame = readers.querySelector("iframe");
  followChoice(readers, frame);
  whenShown(frame, openOutside);
}
