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

const fees = document.querySelector("[data-fees]");
if (fees) {
  const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol" });
  const show = () => {
    const chosen = [...document.querySelectorAll("[data-fee]:checked")];
    fees.textContent = money.format(chosen.reduce((sum, input) => sum + Number(input.dataset.fee), 0) / 100);
  };
  document.addEventListener("change", show);
  show();
}
