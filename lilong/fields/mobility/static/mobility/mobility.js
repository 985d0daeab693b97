// Mobility's pages beyond links and forms: where the reader is, choosing a way, live rides, countdowns. Forms work without.
import { mapOf } from "/static/ui/map.js";

const DIGITS = 6;
const canLocate = navigator.geolocation && window.isSecureContext;

function located() {
  return new Promise((done, failed) => {
    navigator.geolocation.getCurrentPosition(({ coords }) => done(coords), failed, { enableHighAccuracy: true, timeout: 8000, maximumAge: 5000 });
  });
}

function fill(form, coords, latitude = "latitude", longitude = "longitude") {
  form.elements[latitude].value = coords.latitude.toFixed(DIGITS);
  form.elements[longitude].value = coords.longitude.toFixed(DIGITS);
}

// Forms that say where the reader is: asked when they are sent, sent without it where the phone does not tell.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-locate]") || form.dataset.located || !canLocate) return;
  event.preventDefault();
  try {
    fill(form, await located());
  } catch {
    // the service says what it needs
  }
  form.dataset.located = "yes";
  form.requestSubmit(event.submitter);
});

for (const input of document.querySelectorAll("[data-sends]")) {
  if (input.type === "radio") input.addEventListener("change", () => input.form.requestSubmit());
}

// Searching around the reader, or where the map is.
const find = document.getElementById("seek");
if (find) {
  const around = find.querySelector("[data-around]");
  if (canLocate) {
    around.hidden = false;
    around.addEventListener("click", async () => {
      try {
        fill(find, await located());
        find.requestSubmit();
      } catch {
        around.disabled = true;
      }
    });
  }
  const middle = find.querySelector("[data-middle-of]");
  const map = mapOf(document.getElementById(middle.dataset.middleOf));
  map.on("ready", () => {
    middle.hidden = false;
    middle.addEventListener("click", () => {
      const [longitude, latitude] = map.map.getCenter().toArray();
      fill(find, { latitude, longitude });
      find.requestSubmit();
    });
  });
}

// A way: taps on the map set where from, then where to.
const way = document.querySelector("[data-way]");
if (way) {
  const map = mapOf(document.getElementById("way-map"));
  const pins = {};
  const chosen = (end) => {
    const [latitude, longitude] = [`${end}_latitude`, `${end}_longitude`].map((name) => way.elements[name].value);
    return latitude && longitude ? [Number(longitude), Number(latitude)] : null;
  };
  const draw = () => {
    for (const end of ["from", "to"]) {
      const at = chosen(end);
      if (!map.map || !at || at.some(Number.isNaN)) continue;
      if (!pins[end]) {
        const pin = document.createElement("div");
        pin.className = `mappin ${end}`;
        pins[end] = new map.lib.Marker({ element: pin, anchor: "bottom", draggable: true });
        pins[end].on("dragend", () => set(end, pins[end].getLngLat().toArray()));
      }
      pins[end].setLngLat(at).addTo(map.map);
    }
  };
  const set = (end, [longitude, latitude]) => {
    fill(way, { latitude, longitude }, `${end}_latitude`, `${end}_longitude`);
    draw();
    const other = way.querySelector(`[data-sets][value="${end === "from" ? "to" : "from"}"]`);
    if (end === "from" || !chosen("from")) other.checked = true;
  };
  map.on("ready", draw);
  map.on("tap", (lonlat) => set(way.elements.sets.value, lonlat));
  way.addEventListener("change", (event) => {
    const { address } = event.target.dataset;
    if (!address || !event.target.value) return;
    const [latitude, longitude] = event.target.value.split(",").map(Number);
    set(address, [longitude, latitude]);
    map.centre([longitude, latitude], 15);
  });
  const here = way.querySelector("[data-here]");
  if (canLocate) {
    here.hidden = false;
    here.addEventListener("click", async () => {
      const { longitude, latitude } = await located();
      set("from", [longitude, latitude]);
      map.centre([longitude, latitude], 15);
    });
  }
}

// Pieces that refresh themselves do so at once when there is news.
function look() {
  const piece = document.querySelector("[data-live]");
  if (piece) window.htmx?.trigger(piece, "look");
  for (const element of document.querySelectorAll("[data-map][data-src]")) mapOf(element).load();
}
const lively = document.querySelector("[data-live]:not(html)");
if (lively) {
  import("/static/ui/live.js").then(({ watch }) => watch(lively.dataset.live, (_message, kind) => { if (kind !== "snapshot") look(); })).catch(() => {});
}

// A driver's phone says where it is while the page is open.
const tells = document.querySelector("[data-tells]");
if (tells && canLocate) {
  let last = 0;
  navigator.geolocation.watchPosition(({ coords }) => {
    if (Date.now() - last < 4000) return;
    last = Date.now();
    const body = new FormData(tells);
    body.set("latitude", coords.latitude.toFixed(DIGITS));
    body.set("longitude", coords.longitude.toFixed(DIGITS));
    if (coords.heading !== null && !Number.isNaN(coords.heading)) body.set("heading", Math.round(coords.heading) % 360);
    fetch(tells.action, { method: "POST", body }).catch(() => {});
  }, () => {}, { enableHighAccuracy: true });
}

function count() {
  for (const element of document.querySelectorAll("[data-until]")) {
    const left = Math.ceil((new Date(element.dataset.until) - Date.now()) / 1000);
    element.textContent = Math.max(0, left);
    if (left <= 0) look();
  }
}
if (document.querySelector("[data-live^='mobility.duty']")) setInterval(count, 1000);

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  navigator.clipboard?.writeText(field.value);
});
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
document.getElementById("refused")?.focus();
