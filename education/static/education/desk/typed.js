// Keeps what is typed into a page's text boxes in this browser until the page shows it as recorded:
// a crash or a sign-in that ended loses nothing.

const PREFIX = "portal-typed-";

const keyOf = (box) => `${PREFIX}${document.querySelector("#user-tools strong")?.textContent ?? ""}`
  + `-${window.location.pathname.replace(/\/comment\/$/, "/review/")}-${box.id}`;

const plain = (words) => words.replace(/\s+/g, " ").trim();

function bringBack(box, words) {
  box.value = words;
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  said.textContent = "You typed this here and it was not recorded; it was kept in this browser.";
  box.before(said);
  const folded = box.closest("details");
  if (folded) folded.open = true;
}

export function keepTyped(boxes) {
  const page = plain(document.getElementById("content")?.textContent ?? "");
  for (const box of boxes) {
    const key = keyOf(box);
    try {
      const kept = localStorage.getItem(key);
      if (kept && page.includes(plain(kept))) localStorage.removeItem(key);
      else if (kept && !box.value) bringBack(box, kept);
    } catch {
      return; // no storage in this browser
    }
    box.addEventListener("input", () => {
      try {
        if (box.value.trim()) localStorage.setItem(key, box.value);
        else localStorage.removeItem(key);
      } catch {
        // The storage is full: the box itself still holds the words.
      }
    });
  }
}
