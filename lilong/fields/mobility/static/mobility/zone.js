// Drawing a zone: a tap sets a corner; the outline closes by itself and is written into the form as GeoJSON.
import { mapOf } from "/static/ui/map.js";

const field = document.getElementById("geometry");
const map = mapOf(document.getElementById("draw"));
const [undo, clear] = ["[data-undo]", "[data-clear]"].map((name) => document.querySelector(name));
let corners = [];

function shown(geometry, dots = []) {
  const features = dots.map((at, n) => ({ type: "Feature", properties: { id: `corner-${n}`, kind: "pin", colour: "ink", text: String(n + 1) }, geometry: { type: "Point", coordinates: at } }));
  if (geometry) features.push({ type: "Feature", properties: { id: "zone", colour: "bad" }, geometry });
  map.set({ type: "FeatureCollection", features });
}

function draw() {
  const ring = [...corners, corners[0]];
  const geometry = corners.length > 2 ? { type: "Polygon", coordinates: [ring] } : null;
  field.value = geometry ? JSON.stringify(geometry) : "";
  shown(geometry, corners);
}

map.on("ready", () => {
  undo.hidden = clear.hidden = false;
  map.told.fit = false;
});
map.on("pick", () => false);
map.on("tap", (lonlat) => {
  corners.push(lonlat.map((number) => Math.round(number * 1e6) / 1e6));
  draw();
});
undo.addEventListener("click", () => {
  corners.pop();
  draw();
});
clear.addEventListener("click", () => {
  corners = [];
  draw();
});
field.addEventListener("input", () => {
  try {
    shown(JSON.parse(field.value));
    corners = [];
  } catch {
    // not JSON yet
  }
});
