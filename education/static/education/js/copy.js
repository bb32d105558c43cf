/** In an exported copy: says loudly that its day has gone by. */

const notice = document.querySelector("[data-good-until]");
const today = new Date().toISOString().slice(0, 10);

if (notice && today > notice.dataset.goodUntil) {
  const said = notice.querySelector("p");
  said.setAttribute("role", "alert");
  said.prepend(Object.assign(document.createElement("strong"), {
    textContent: "This copy is out of date. Do not use it to make decisions. ",
  }));
}
