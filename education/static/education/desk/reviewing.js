// At a review: the decision waits for the reviewer's word on interests, and a passage that is marked
// in the text can be commented on without copying it. Without this, the server asks for both.

const form = document.querySelector("[data-decision]");
const confirmed = form?.querySelector("[name=interests_confirmed]");
const record = form?.querySelector("input[type=submit]");

if (confirmed && record) {
  const why = document.createElement("p");
  why.id = "why-not-yet";
  why.textContent = "Confirm your declaration of interests, then you can record your decision.";
  record.before(why);
  const follow = () => {
    record.disabled = !confirmed.checked;
    why.hidden = confirmed.checked;
    record.toggleAttribute("aria-describedby", false);
    if (!confirmed.checked) record.setAttribute("aria-describedby", why.id);
  };
  confirmed.addEventListener("change", follow);
  window.addEventListener("pageshow", follow);
  follow();
}

const text = document.querySelector("[data-passages]");
const comment = document.querySelector("[data-comment]");

if (text && comment) {
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "desk-go desk-mark", textContent: "Comment on the words you marked",
    hidden: true,
  });
  text.before(button);
  let passage = "";
  document.addEventListener("selectionchange", () => {
    const chosen = document.getSelection();
    const inside = chosen?.rangeCount && text.contains(chosen.getRangeAt(0).commonAncestorContainer);
    const words = inside ? chosen.toString().trim() : "";
    if (words) passage = words;
    button.hidden = !words;
  });
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    comment.open = true;
    comment.querySelector("[name=passage]").value = passage;
    comment.querySelector("[name=text]").focus();
  });
}
