// Says every 20 seconds that this text is open, and who else has it open.

const EVERY = 20_000;

export function showOthers(address) {
  const shown = document.querySelector("[data-others]");
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!shown || !token) return;

  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token } });
      if (answer.redirected || answer.status === 403) {
        shown.textContent = "Your sign-in has ended. What you type is kept in this browser; sign in again to save it.";
        return;
      }
      if (!answer.ok) return;
      const { others } = await answer.json();
      const said = others.length
        ? `${others.join(", ")} ${others.length === 1 ? "has" : "have"} this text open too.`
        : "";
      if (shown.textContent.trim() !== said) shown.textContent = said;
    } catch {
      // No connection just now; the next time tells.
    }
  };
  setInterval(ask, EVERY);
}
