/**
 * Keeps what is filled in while a family follows a link and comes back: in this tab alone, until it is
 * closed or the sheet is emptied. Nothing of it is sent.
 */

const fields = [...document.querySelectorAll(".worksheet :is(input, textarea)")];
const place = `worksheet ${location.pathname}${location.search}`;
const isMark = (field) => field.type === "checkbox" || field.type === "radio";

function keep() {
  const values = fields.map((field) => (isMark(field) ? field.checked : field.value));
  try {
    sessionStorage.setItem(place, JSON.stringify(values));
  } catch {
    // A browser that keeps nothing: the sheet works as without a script.
  }
}

function restore() {
  let values = null;
  try {
    values = JSON.parse(sessionStorage.getItem(place));
  } catch {
    return;
  }
  // A sheet that has changed since has other fields in these places.
  if (values?.length !== fields.length) return;
  fields.forEach((field, index) => {
    if (isMark(field)) field.checked = values[index];
    else field.value = values[index];
  });
}

for (const button of document.querySelectorAll("[data-empty]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const field of fields) {
      if (isMark(field)) field.checked = field.defaultChecked;
      else field.value = "";
    }
    keep();
  });
}
for (const field of fields) {
  field.addEventListener("input", keep);
  field.addEventListener("change", keep);
}
restore();
