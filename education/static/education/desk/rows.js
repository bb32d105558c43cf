// Rows of inputs: one more at the end, and a row's content moved up. Without this there are some
// empty rows, and saving brings more.

const fieldsOf = (row) => [...row.querySelectorAll("input, select")];

function swap(row, other) {
  const [mine, theirs] = [fieldsOf(row), fieldsOf(other)];
  mine.forEach((field, place) => {
    [field.value, theirs[place].value] = [theirs[place].value, field.value];
  });
  theirs.find((field) => field.type !== "hidden").focus();
}

function offerUp(row, place) {
  row.querySelector("[data-up]")?.parentElement.remove();
  if (!place) return;
  const cell = row.insertCell();
  const up = Object.assign(document.createElement("button"), {
    type: "button", className: "desk-go", textContent: "Up",
  });
  up.dataset.up = "";
  up.setAttribute("aria-label", `Move row ${place + 1} up`);
  up.addEventListener("click", () => swap(row, row.previousElementSibling));
  cell.append(up);
}

for (const table of document.querySelectorAll("[data-rows]")) {
  const body = table.querySelector("tbody");
  const name = table.dataset.rows;
  [...body.rows].forEach(offerUp);
  const add = Object.assign(document.createElement("button"), {
    type: "button", className: "desk-go", textContent: "One more row",
  });
  add.addEventListener("click", () => {
    const place = body.rows.length;
    const row = body.rows[place - 1].cloneNode(true);
    for (const field of fieldsOf(row)) {
      field.name = field.name.replace(`${name}-${place - 1}-`, `${name}-${place}-`);
      field.value = field.type === "hidden" ? "null" : "";
      field.ariaLabel = field.ariaLabel?.replace(/\d+$/, place + 1) ?? null;
    }
    offerUp(row, place);
    body.append(row);
    fieldsOf(row).find((field) => field.type !== "hidden").focus();
  });
  table.append(add);
}
