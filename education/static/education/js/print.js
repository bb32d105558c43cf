/** Prints a page as it is filled in: on a telephone the browser's menu is hard to find. */

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
