// Draws the preview again a moment after the last key, by the same renderer as the public page.
const panel = document.querySelector("[data-preview]");
const form = document.getElementById("revision_form");

if (panel && form && form.querySelector("[name=expected_version]")) {
  const text = panel.querySelector("[data-preview-text]");
  let timer = 0;
  let latest = 0;

  const draw = async () => {
    const mine = ++latest;
    try {
      const response = await fetch(panel.dataset.preview, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      if (!response.ok) throw new Error(response.statusText);
      const { html } = await response.json();
      if (mine === latest) text.innerHTML = html;
    } catch {
      if (mine === latest) panel.classList.add("desk-stale");
      return;
    }
    panel.classList.remove("desk-stale");
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 600);
  });
}
