// What is kept in this browser of what people type: several states under one key, oldest first, each
// of one visit (`visit` and `at` are milliseconds).

const DAYS = 30;
const MOST = 8; // states under one key

/** What is kept under a key, oldest first; one state alone was kept by earlier releases. */
export function statesOf(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "[]");
    return (Array.isArray(kept) ? kept : [kept]).filter((state) => state?.at);
  } catch {
    return [];
  }
}

export function keepStates(key, states) {
  if (states.length) localStorage.setItem(key, JSON.stringify(states.slice(-MOST)));
  else localStorage.removeItem(key);
}

/** Forgets what is older than a month under all keys that begin alike. */
export function forgetOld(prefix) {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(prefix)) continue;
    keepStates(key, statesOf(key).filter(({ at }) => Date.now() - at < DAYS * 24 * 3600 * 1000));
  }
}

export const dayAndTime = (at) =>
  new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

/** Signing out asks, while something typed is not saved. */
export function askBeforeSigningOut(hasUnsaved) {
  document.getElementById("logout-form")?.addEventListener("submit", (event) => {
    const words = "What you typed is not saved. It stays in this browser, for everybody who uses it. Sign out all the same?";
    if (hasUnsaved() && !window.confirm(words)) event.preventDefault();
  });
}
