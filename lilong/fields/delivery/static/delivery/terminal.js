// The locker's terminal: big keys, and nothing left on the screen for the next one.
const AGAIN_MS = 20_000;
const code = document.querySelector("#code");
const keys = document.querySelector(".keys");

if (keys) {
  keys.hidden = false;
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    code.value = key === "back" ? code.value.slice(0, -1) : code.value + key;
    code.focus();
  });
}
if (document.querySelector("[data-again]")) setTimeout(() => location.replace(location.href), AGAIN_MS);
