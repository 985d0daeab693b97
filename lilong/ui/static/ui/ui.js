// What a page does beyond links and forms: theme, menus, toasts, dialogs, chart tips. Everything works without it but these.
const root = document.documentElement;

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function showTheme(button) {
  button.setAttribute("aria-pressed", String(isDark()));
}

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.hidden = false;
  showTheme(button);
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    document.cookie = `lilong_theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
    showTheme(button);
  });
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  event.target.closest("[data-closes]")?.closest("dialog, .toast")?.dispatchEvent(new Event("shut"));
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("shut", (event) => {
  if (event.target instanceof HTMLDialogElement) event.target.close();
  else event.target.remove();
}, true);

for (const details of document.querySelectorAll("details[data-open-wide]")) {
  if (matchMedia("(min-width: 60rem)").matches) details.open = true;
}

for (const select of document.querySelectorAll("select[data-sends]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// Chart tips: a mark's <title> shown at once, also on touch and on keyboard focus.
const tip = document.createElement("div");
tip.className = "charttip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);

function place(mark) {
  const text = mark?.querySelector(":scope > title")?.textContent;
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const box = mark.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left + box.width / 2 - tip.offsetWidth / 2, innerWidth - tip.offsetWidth - 8));
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${Math.max(8, box.top - tip.offsetHeight - 8) + scrollY}px`;
}
for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, (event) => place(event.target.closest?.("figure.chart [data-tip]")));
}
