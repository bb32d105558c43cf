/**
 * Search in an exported copy: keeps those pages in the list that hold every word.
 * search/index.js has the words of each page, in the order of the list.
 */

const query = new URLSearchParams(location.search).get("q")?.trim() ?? "";
const words = query.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];

/** The beginning of a word that its other forms share. */
const stem = (word) => (word.length > 5 ? word.replace(/(ies|ing|ed|es|s|y)$/, "") : word);

/** Chinese, Japanese and Thai are written without blanks: there a word may begin anywhere. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

const holds = (page, word) => page.includes(unspaced.test(word) ? word : ` ${stem(word)}`);

if (words.length) {
  const entries = [...document.querySelectorAll("#copy-pages li")];
  entries.forEach((entry, at) => {
    entry.hidden = !words.every((word) => holds(` ${PAGES_OF_COPY[at]}`, word));
  });
  const shown = entries.filter((entry) => !entry.hidden);
  const titled = shown.filter((entry) =>
    words.every((word) => holds(` ${entry.textContent.toLowerCase()}`, word)));
  document.getElementById("copy-pages").prepend(...titled);
  document.getElementById("query").value = query;
  document.getElementById("copy-found").textContent =
    !shown.length ? "No page has all of these words. Try one word, or fewer."
    : shown.length === 1 ? "1 page has these words:" : `${shown.length} pages have these words:`;
}
