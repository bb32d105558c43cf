/** Offers the device's own way to share a page, where it has one. Without it nothing is shown. */

if (navigator.share) {
  const url = document.querySelector("link[rel=canonical]")?.href ?? location.href;
  for (const button of document.querySelectorAll("[data-share]")) {
    button.closest("[hidden]").hidden = false;
    button.addEventListener("click", () => {
      // Who closes the list without choosing has shared nothing; that is no fault.
      navigator.share({ title: document.title, url }).catch(() => {});
    });
  }
}
