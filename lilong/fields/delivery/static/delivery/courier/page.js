// The courier's page: what is to be done next, with or without a connection.
import * as store from "./store.js";
import {lacking, merged} from "./day.js";
import {scanned, shrunk} from "./photo.js";
import {Sync} from "./sync.js";
import {mapOf} from "/static/ui/map.js";

const root = document.querySelector("[data-courier]");
const list = root.querySelector("[data-todo]");
const words = JSON.parse(document.querySelector("#courier-words").textContent);
const drafts = new Map(); // shipment -> {open, photos: [{blob, preview}], code, tag}: what stands in an open form
const FRESH_MS = 60_000, WHERE_MS = 15_000;
let position = null, day = null, told = 0;

const sync = new Sync(root.dataset.courier, (state, count) => {
  const bar = root.querySelector("[data-sync]");
  bar.dataset.state = state;
  bar.querySelector("[data-sync-words]").textContent = words[state] || "";
  bar.querySelector("[data-sync-count]").textContent = count ? `${count} ${words.waiting}` : "";
}, draw);

function make(tag, props = {}, ...children) {
  const made = Object.assign(document.createElement(tag), props);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const time = (text) => new Date(text).toLocaleTimeString(document.documentElement.lang, {hour: "2-digit", minute: "2-digit", hour12: false});

// Something happened: kept on the phone first, sent when it can be.
async function happened(shipment, kind, more = {}) {
  const id = store.fresh();
  await store.add({id, vehicle: sync.vehicle, shipment, event: {id, shipment, kind, at: new Date().toISOString(), ...more}});
  await draw();
  sync.soon();
}

async function keepPhoto(shipment, blob) {
  await store.add({id: store.fresh(), vehicle: sync.vehicle, shipment, photo: blob});
}

async function draw() {
  const known = await store.days();
  const vehicle = sync.vehicle || localStorage.getItem("lilong-courier") || "";
  day = known.find((each) => each.vehicle === vehicle) || null;
  sync.vehicle = vehicle;
  if (!day) {
    list.replaceChildren(make("li", {textContent: words.never}));
    return;
  }
  const {todo} = merged(day, await store.waiting(vehicle));
  root.querySelector("[data-duty]").checked = day.state !== "off";
  list.replaceChildren(...(todo.length ? todo.map((stop, n) => card(stop, n === 0)) : [make("li", {textContent: words.nothing})]));
  await showNotices(vehicle);
  showMap(todo);
}

async function showNotices(vehicle) {
  const notices = await store.notices(vehicle);
  root.querySelector("[data-notices]").replaceChildren(...notices.map((each) => {
    const shut = make("button", {type: "button", className: "button quiet small", textContent: "OK"});
    shut.addEventListener("click", async () => { await store.forget(each.id); draw(); });
    return make("p", {className: "notice bad"}, `${words.kept}: ${each.words} `, shut);
  }));
}

function showMap(todo) {
  const holder = root.querySelector("[data-map-holder]");
  const element = holder.querySelector("[data-map]");
  if (!holder.open || !element) return;
  const features = todo.map((stop, n) => ({
    type: "Feature", id: `${stop.shipment.id}-${stop.kind}`, geometry: {type: "Point", coordinates: [stop.longitude, stop.latitude]},
    properties: {id: `${stop.shipment.id}-${stop.kind}`, kind: stop.shipment.bank_id ? "locker" : "flag", text: String(n + 1), label: stop.shipment.line || words[stop.what], colour: n ? "info" : "lamp"},
  }));
  if (position) features.push({type: "Feature", id: "me", geometry: {type: "Point", coordinates: [position.coords.longitude, position.coords.latitude]}, properties: {id: "me", kind: "bike", label: "", colour: "door"}});
  mapOf(element).set({type: "FeatureCollection", features});
  mapOf(element).fit();
}

function card(stop, first) {
  const shipment = stop.shipment;
  const item = make("li", {className: [first ? "first" : "", shipment.waiting ? "waiting" : ""].join(" ").trim()});
  item.dataset.shipment = shipment.id;
  item.dataset.what = stop.what;
  item.dataset.state = shipment.state;
  const title = {collect: words.pickup, deliver: words.delivery, deposit: words.locker, back: words.return, depart: words.aboard}[stop.what];
  const when = stop.eta ? `${words.eta} ${time(stop.eta)}, ${words.by} ${time(stop.latest)}` : `${time(stop.earliest)}–${time(stop.latest)}`;
  item.append(
    make("div", {className: "row apart"}, make("h2", {textContent: title}), make("span", {className: "badge", textContent: words[`state-${shipment.state}`] || shipment.state})),
    make("p", {className: "where", textContent: stop.what === "collect" || stop.what === "back" ? shipment.sender : shipment.bank || shipment.line || `${stop.latitude.toFixed(5)}, ${stop.longitude.toFixed(5)}`}),
    make("p", {className: "soft", textContent: [shipment.who, when, `${words.parcels}: ${shipment.parcels}`].filter(Boolean).join(" · ")}),
  );
  if (shipment.instructions) item.append(make("p", {className: "instructions", textContent: shipment.instructions}));
  if (shipment.contactless && stop.what === "deliver") item.append(make("p", {className: "soft", textContent: words.contactless}));
  if (shipment.stopped) item.append(make("p", {className: "notice bad", textContent: `${words.stopped}: ${words[`stopped-${shipment.stopped}`] || shipment.stopped}`}));
  if (shipment.waiting) item.append(make("p", {className: "faint", textContent: words.waiting}));
  item.append(actions(stop, shipment));
  return item;
}

function button(label, kind, act) {
  const made = make("button", {type: "button", className: `button ${kind}`, textContent: label});
  made.addEventListener("click", async () => { made.disabled = true; await act(); made.disabled = false; });
  return made;
}

function actions(stop, shipment) {
  const box = make("div", {className: "do"});
  const way = make("a", {className: "button quiet", href: `geo:${stop.latitude},${stop.longitude}?q=${stop.latitude},${stop.longitude}`, textContent: words.map});
  box.append(way);
  if (shipment.phone && stop.what === "deliver") box.append(make("a", {className: "button quiet", href: `tel:${shipment.phone}`, textContent: words.call}));
  if (stop.kind !== "aboard" && !shipment.arrived && stop.state !== "arrived" && ["collect", "deliver", "deposit"].includes(stop.what)) box.append(button(words.arrive, "quiet", () => happened(shipment.id, "arrived")));
  if (stop.what === "collect") box.append(button(words.collect, "", () => happened(shipment.id, "collected")));
  if (stop.what === "depart" && !shipment.stopped) box.append(button(words.depart, "", () => happened(shipment.id, "departed")));
  if (stop.what === "back") box.append(button(words.back, "", () => happened(shipment.id, "returned")));
  if (stop.what === "deposit") box.append(button(words.open, "quiet", () => openCells(shipment, box)), button(words.deposit, "", () => happened(shipment.id, "deposited")));
  if (stop.what === "deliver" && !shipment.stopped) {
    if (drafts.get(shipment.id)?.open === "deliver") box.append(deliverForm(shipment));
    else box.append(button(words.deliver, "", () => unfold(shipment.id, "deliver")));
  }
  if (stop.what === "deliver" || stop.what === "deposit") {
    if (drafts.get(shipment.id)?.open === "fail") box.append(failForm(shipment));
    else box.append(button(words.fail, "danger", () => unfold(shipment.id, "fail")));
  }
  return box;
}

function draft(id) {
  if (!drafts.has(id)) drafts.set(id, {open: "", photos: [], code: "", tag: ""});
  return drafts.get(id);
}

async function unfold(id, which) {
  draft(id).open = which;
  await draw();
}

function deliverForm(shipment) {
  const mine = draft(shipment.id);
  const form = make("form", {noValidate: true});
  const field = (name, label, props) => {
    const input = make("input", {name, value: mine[name], autocomplete: "off", ...props});
    input.addEventListener("input", () => { mine[name] = input.value; });
    return make("div", {className: "field"}, make("label", {}, label, input));
  };
  if (shipment.proofs.length) form.append(make("p", {className: "soft", textContent: `${words.needs}: ${shipment.proofs.map((each) => words[`proof-${each}`] || each).join(", ")}`}));
  if (shipment.proofs.includes("code")) form.append(field("code", words.code, {inputMode: "numeric", maxLength: 12}));
  if (shipment.proofs.includes("tag")) form.append(field("tag", words.tag, {maxLength: 80}), camera(words.scan, async (file) => { mine.tag = (await scanned(file)) || mine.tag; await draw(); }));
  form.append(camera(words.photo, async (file) => { mine.photos.push(await shrunk(file)); await draw(); }));
  if (mine.photos.length) form.append(make("div", {className: "shots"}, ...mine.photos.map((each) => make("img", {src: each.preview, alt: words.photos}))));
  form.append(make("p", {className: "hint", textContent: here() ? words.geo : words.nogeo}));
  const lack = make("p", {className: "error"});
  form.append(lack, make("button", {className: "button", textContent: words.deliver}));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const missing = lacking(shipment, {code: mine.code, tag: mine.tag, photos: mine.photos.length, position: here()});
    lack.textContent = missing.length ? `${words.missing}: ${missing.map((each) => words[`proof-${each}`] || each).join(", ")}` : "";
    if (missing.length) return;
    drafts.delete(shipment.id);
    for (const each of mine.photos) await keepPhoto(shipment.id, each.blob);
    const more = {};
    if (mine.code) more.code = mine.code;
    if (mine.tag) more.tag = mine.tag;
    if (here()) more.position = here();
    await happened(shipment.id, "delivered", more);
  });
  return form;
}

function failForm(shipment) {
  const form = document.querySelector("#courier-fail").content.cloneNode(true).firstElementChild;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    drafts.delete(shipment.id);
    await happened(shipment.id, "failed", {outcome: form.elements.outcome.value, reason: form.elements.reason.value});
  });
  return form;
}

function camera(label, take) {
  const input = make("input", {type: "file", accept: "image/*"});
  input.setAttribute("capture", "environment");
  input.addEventListener("change", async () => { if (input.files[0]) await take(input.files[0]); });
  return make("div", {className: "field"}, make("label", {}, label, input));
}

async function openCells(shipment, box) {
  const answer = await sync.post(`${shipment.id}/cells`, "", "application/json").catch(() => null);
  const said = answer ? await answer.json() : {said: words.offline};
  box.prepend(make("p", {className: answer?.ok ? "notice good" : "notice bad", textContent: answer?.ok ? `${words.cell} ${said.cells.join(", ")}` : said.said}));
}

// Where the phone is: as a proof at the door, and for those who wait. Only while this page is open and the courier on duty.
function here() {
  if (!position || Date.now() - position.timestamp > FRESH_MS) return null;
  return {latitude_e6: Math.round(position.coords.latitude * 1e6), longitude_e6: Math.round(position.coords.longitude * 1e6)};
}

navigator.geolocation?.watchPosition((found) => {
  position = {coords: found.coords, timestamp: Date.now()};
  if (day?.state === "off" || !navigator.onLine || Date.now() - told < WHERE_MS) return;
  told = Date.now();
  const heading = Number.isFinite(found.coords.heading) ? {heading: Math.round(found.coords.heading) % 360} : {};
  sync.post("position", JSON.stringify({...here(), ...heading}), "application/json").catch(() => {});
}, () => {}, {enableHighAccuracy: true, maximumAge: 10_000});

root.querySelector("[data-duty]").addEventListener("change", async (event) => {
  const on = event.target.checked ? "1" : "0";
  await sync.post("duty", `on=${on}`, "application/x-www-form-urlencoded").catch(() => {});
  sync.soon();
});
root.querySelector("[data-map-holder]").addEventListener("toggle", draw);
navigator.serviceWorker?.register(`${root.dataset.courier}worker.js`, {scope: root.dataset.courier});
navigator.storage?.persist?.();
setInterval(() => { if (navigator.onLine && document.visibilityState === "visible") sync.soon(); }, FRESH_MS);
await draw();
sync.soon();
