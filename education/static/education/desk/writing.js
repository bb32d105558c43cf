// What helps while a text is written. Each part is an enhancement: without it the form still works.
import { keepUnsaved } from "./unsaved.js";
import { citeInField, offerWorks } from "./citing.js";
import { showPreview } from "./preview.js";
import { showOthers } from "./others.js";
import { orderParts } from "./parts.js";
import { addToolbars, insert } from "./toolbar.js";

const panel = document.querySelector("[data-preview]");
const form = document.getElementById("revision_form");

if (panel && form?.querySelector("[name=expected_version]")) {
  keepUnsaved(form, panel.dataset.revision);
  const findWork = offerWorks(panel.dataset.find, panel.dataset.imports);
  addToolbars(form, (field) => citeInField(field, findWork));
  showPreview(form, panel);
  orderParts(form);
  showOthers(panel.dataset.writing);
  // By itself: where a browser can't take it, all else still works.
  import("./writing_surface.js")
    .then(({ startWriting }) => startWriting(form, panel, findWork))
    .catch(() => panel.before("The text boxes below take Markdown; this browser can’t show more."));
  for (const button of document.querySelectorAll("[data-take]")) {
    const { take } = button.dataset;
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = form.elements[take];
      insert(field, document.querySelector(`[data-theirs="${take}"]`).textContent, 0, field.value.length);
    });
  }
}
