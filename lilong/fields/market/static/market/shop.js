// Steppers beside a number, and printing: the shop works without them.
for (const button of document.querySelectorAll("[data-step]")) {
  const input = document.getElementById(button.dataset.for);
  button.hidden = false;
  button.addEventListener("click", () => {
    const wanted = Number(input.value || 0) + Number(button.dataset.step);
    input.value = Math.max(Number(input.min), Math.min(Number(input.max), wanted));
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
for (const box of document.querySelectorAll("input[data-sends]")) {
  box.addEventListener("change", () => box.form.requestSubmit());
}
for (const button of document.querySelectorAll("[data-plain]")) button.hidden = true;
document.getElementById("refused")?.focus();
