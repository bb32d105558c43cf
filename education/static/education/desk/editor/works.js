// What the desk knows of the works a text cites: asked for once each, by key.

const MOST = 40; // keys in one question

export class Works {
  #address;
  #known = new Map();
  #waiting = new Set();
  #listeners = new Set();
  #timer = 0;

  /** `address`: where the desk finds evidence. */
  constructor(address) {
    this.#address = address;
  }

  /** The work of a key: its record; null where there is none; undefined until that is known. */
  get(key) {
    if (!this.#known.has(key)) {
      this.#waiting.add(key);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(), 0);
    }
    return this.#known.get(key);
  }

  /** Take a work that was found otherwise. */
  add(work) {
    this.#known.set(work.key, work);
  }

  /** Call when more is known; returns how to stop. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #ask() {
    const keys = [...this.#waiting].slice(0, MOST);
    if (!keys.length) return;
    keys.forEach((key) => this.#waiting.delete(key));
    try {
      const asked = new URLSearchParams(keys.map((key) => ["key", key]));
      const answer = await fetch(`${this.#address}?${asked}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      const { results } = await answer.json();
      keys.forEach((key) => this.#known.set(key, null));
      results.forEach((work) => this.#known.set(work.key, work));
      for (const listener of this.#listeners) listener();
    } catch {
      return; // the chips show the keys, as they are typed
    }
    this.#ask();
  }
}

/** Why a work is no good support, in a few words; "" where nothing is known against it. */
export function warningOf(work) {
  if (work === null) return "unknown";
  if (!work) return "";
  if (work.status === "retracted") return "retracted";
  if (!work.may_be_cited) return "may not be cited";
  if (work.status && work.status !== "current") return work.status;
  return work.is_verified ? "" : "not verified yet";
}
