// A menu that opens at a button or at the caret; letters choose among its items.

/** Opens a menu of `[words, act]` pairs at a place of the page; `back` is called when it closes without a choice. */
export function openMenu({ label, items, place, back }) {
  const menu = document.createElement("div");
  menu.className = "desk-menu";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", label);
  let isDone = false;
  const close = (act) => {
    if (isDone) return;
    isDone = true;
    menu.remove();
    (act ?? back)();
  };
  for (const [words, act] of items) {
    const item = Object.assign(document.createElement("button"), { type: "button", textContent: words, tabIndex: -1 });
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", () => close(act));
    menu.append(item);
  }
  const all = [...menu.children];
  menu.addEventListener("keydown", (event) => {
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[(to + all.length) % all.length].focus();
    else if (event.key === "Escape" || event.key === "Tab" || event.key === "Backspace") close();
    else if (event.key.length === 1 && event.key !== " ") {
      const letter = event.key.toLowerCase();
      const next = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      next.find((item) => item.textContent.toLowerCase().startsWith(letter))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => { if (!menu.contains(relatedTarget)) close(() => {}); });
  document.querySelector("main").append(menu);
  const left = Math.max(8, Math.min(place.left, window.innerWidth - menu.offsetWidth - 8));
  menu.style.insetInlineStart = `${left + window.scrollX}px`;
  menu.style.insetBlockStart = `${place.bottom + window.scrollY + 4}px`;
  all[0].focus();
}
