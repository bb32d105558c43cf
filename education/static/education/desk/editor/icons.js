// So many people out of so many, drawn as education/text/figures.py draws them.

const SVG = "http://www.w3.org/2000/svg";
export const MOST_PEOPLE = 1_000;

function element(name, attributes, ...inside) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...inside);
  return node;
}

function people(name, places, faint) {
  const path = (width, along) => element("path", { d: places.map(along).join(""), "stroke-width": width });
  return element(
    "g",
    {
      class: name, fill: "none", stroke: "currentColor", "stroke-linecap": "round",
      ...(faint ? { "stroke-opacity": "0.25" } : {}),
    },
    path(4, ([x, y]) => `M${x} ${y}h0`), path(6, ([x, y]) => `M${x} ${y + 6}v3`),
  );
}

/** Whether the server would draw these: whole numbers, 1,000 people at most. */
export function drawable(count, of) {
  const whole = /^\d+$/.test(count) && /^\d+$/.test(of);
  return whole && Number(of) >= 1 && Number(of) <= MOST_PEOPLE && Number(count) <= Number(of);
}

/** The drawing as an element; a sentence where it can't be drawn. */
export function drawIcons(count, of) {
  if (!drawable(String(count), String(of))) {
    const words = document.createElement("p");
    words.textContent = `${count} out of ${of} can’t be drawn.`;
    return words;
  }
  const row = of <= 100 ? 10 : 40;
  const places = Array.from({ length: Number(of) }, (_, n) => [10 * (n % row) + 5, 16 * Math.floor(n / row) + 3]);
  const label = `${count} out of ${of} people`;
  return element(
    "svg",
    {
      class: "icons-drawing", viewBox: `0 0 ${10 * Math.min(of, row)} ${16 * Math.ceil(of / row)}`,
      role: "img", "aria-label": label, focusable: "false",
    },
    people("icons-on", places.slice(0, count), false), people("icons-off", places.slice(count), true),
  );
}
