/** Search in an exported copy: keeps those pages in the list that hold every word. */

const asked = new URLSearchParams(location.search).get("q")?.trim() ?? "";
const words = asked.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];

/** The beginning of a word that its other forms share. */
const stem = (word) => (word.length > 5 ? word.replace(/(ies|ing|ed|es|s|y)$/, "") : word);

if (words.length) {
  document.getElementById("query").value = asked;
  const answer = await fetch("/search-index.json");
  const found = new Set(
    (await answer.json())
      .filter((page) => words.every((word) =>
        ` ${page.title.toLowerCase()} ${page.words}`.includes(` ${stem(word)}`)))
      .map((page) => page.path),
  );
  for (const entry of document.querySelectorAll("#copy-pages li")) {
    entry.hidden = !found.has(new URL(entry.querySelector("a").href).pathname);
  }
  document.getElementById("copy-found").textContent =
    found.size === 1 ? "1 page has these words:" : `${found.size} pages have these words:`;
}
