// Broadcasts, groups and campaigns: countdowns by the house's clock, what is left, and buying at the counter.
// The page works without it, except that a broadcast is bought here.
const seconds = (text) => Date.parse(text) / 1000;
const started = performance.now() / 1000;
let ahead = 0; // what the house's clock was when this one stood at `started`

function houseNow() {
  return ahead + performance.now() / 1000 - started;
}

function hear(now) {
  ahead = seconds(now) - (performance.now() / 1000 - started);
}

function counted(left) {
  const whole = Math.max(0, Math.ceil(left));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

const firstClock = document.querySelector("[data-now]");
if (firstClock) hear(firstClock.dataset.now);

const countdowns = document.querySelectorAll("[data-until]");
function tick() {
  for (const element of countdowns) {
    const left = seconds(element.dataset.until) - houseNow();
    element.textContent = counted(left);
    element.classList.toggle("soon", left < 60);
    if (left <= 0 && element.dataset.reload !== undefined && left > -2) location.reload();
  }
}
if (countdowns.length) {
  tick();
  setInterval(tick, 500);
}

const copy = document.querySelector("[data-copies]");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copies).value);
    copy.textContent = copy.dataset.done;
  });
}

const sale = document.querySelector("[data-sale]");
if (sale) sell(sale);

function uuid7() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let millis = BigInt(Math.round(houseNow() * 1000));
  for (let n = 5; n >= 0; n -= 1) {
    bytes[n] = Number(millis & 255n);
    millis >>= 8n;
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

function sell(sale) {
  const texts = JSON.parse(document.getElementById("sale-texts").textContent);
  const given = sale.dataset;
  const left = sale.querySelector("[data-left]");
  const button = sale.querySelector("[data-buy]");
  const said = sale.querySelector("[data-said]");
  let attempt = null; // the order's id: one an attempt, kept until it is answered, so that a retry buys once

  function show(state) {
    for (const part of sale.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(state);
  }

  function stateNow() {
    if (given.cancelled) return "cancelled";
    const now = houseNow();
    return now < seconds(given.released) ? "coming" : now < seconds(given.closes) ? "now" : "ended";
  }

  async function look() {
    try {
      const answer = await fetch(given.remaining, { headers: { Accept: "application/json" } });
      const found = await answer.json();
      hear(found.now);
      left.textContent = found.remaining.toLocaleString(document.documentElement.lang);
      sale.classList.toggle("soldout", found.remaining === 0);
      if (button && attempt === null) button.disabled = found.remaining === 0;
    } catch {
      // the next look will do
    }
  }

  function say(text, kind, link) {
    said.className = `notice ${kind}`;
    said.textContent = text;
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link;
      anchor.textContent = texts["see-order"];
      said.append(" ", anchor);
    }
  }

  async function token() {
    const answer = await fetch("/api/token", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": given.csrf },
      body: JSON.stringify({ scopes: ["orders:place"], seconds: 900 }),
    });
    if (!answer.ok) throw new Error("token");
    return (await answer.json()).token;
  }

  async function buy() {
    attempt ??= uuid7();
    button.disabled = true;
    say(texts.trying, "");
    const amount = sale.querySelector("[name=quantity]");
    amount.disabled = true; // a retry asks for the same
    const quantity = Number(amount.value);
    const order = {
      id: attempt,
      place: given.place,
      channel: "broadcast",
      lines: [{ offer: given.sale, quantity, price: Number(given.price) }],
    };
    try {
      const answer = await fetch("/api/orders", {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${await token()}` },
        body: JSON.stringify(order),
      });
      const found = await answer.json();
      if (answer.status === 503 || answer.status >= 500) throw new Error("busy");
      if (answer.ok) {
        say(texts.bought, "good", given.orders.replace("00000000-0000-0000-0000-000000000000", found.id));
      } else {
        const code = String(found.type).split(":").pop();
        say(texts[code] ?? found.title, "bad");
      }
      attempt = null;
      amount.disabled = false;
    } catch {
      say(texts.again, "warn"); // the same attempt: whether it stood or not, it stands once
    }
    button.disabled = false;
    look();
  }

  button?.addEventListener("click", buy);
  let state = stateNow();
  show(state);
  look();
  setInterval(() => {
    const now = stateNow();
    if (now !== state) show((state = now));
    if (!document.hidden && (state === "now" || state === "coming")) look();
  }, 2000);
  setInterval(() => {
    const now = stateNow();
    if (now !== state) show((state = now));
  }, 200);
}
