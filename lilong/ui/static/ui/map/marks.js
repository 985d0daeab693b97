// Marks on the map: buttons with an icon, which glide when they move; beyond so many of them, clusters drawn by the map itself.
import { token } from "./base.js";

const MOST = 200;
const GLIDE = 1200;
const still = matchMedia("(prefers-reduced-motion: reduce)");

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function drawn(sprite, feature) {
  const { kind = "pin", colour = "door", text } = feature.properties;
  const mark = element("button", "mapmark");
  mark.type = "button";
  mark.dataset.kind = kind;
  mark.dataset.colour = colour;
  mark.append(element("span", "heading"));
  if (text) {
    mark.append(element("b", "", text));
  } else {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${sprite}#${kind}`);
    svg.append(use);
    mark.append(svg);
  }
  return mark;
}

function facing(mark, heading) {
  const arrow = mark.querySelector(".heading");
  arrow.hidden = heading === undefined || heading === null;
  arrow.style.transform = arrow.hidden ? "" : `rotate(${heading}deg)`;
}

// The card of a feature: its name, second line, state and link.
export function card(feature, words) {
  const { label, note, href, state, colour = "" } = feature.properties;
  const box = element("div", "mapcard");
  box.append(element("strong", "", label));
  if (state) box.append(element("span", `badge ${colour}`, state));
  if (note) box.append(element("span", "note", note));
  if (href) {
    const link = element("a", "", words.open);
    link.href = href;
    box.append(link);
  }
  return box;
}

export class Marks {
  constructor(lib, map, sprite, words, picked) {
    Object.assign(this, { lib, map, sprite, words, picked });
    this.known = new Map();
    this.following = null;
    this.popup = null;
    map.addSource("many", { type: "geojson", cluster: true, clusterRadius: 44, clusterMaxZoom: 15, data: empty() });
    this.layers();
  }

  layers() {
    const { map } = this;
    const grouped = ["has", "point_count"];
    map.addLayer({ id: "group", type: "circle", source: "many", filter: grouped, paint: {
      "circle-color": token("brick"), "circle-stroke-color": token("raised"), "circle-stroke-width": 2,
      "circle-radius": ["step", ["get", "point_count"], 16, 20, 20, 100, 26] } });
    map.addLayer({ id: "group-count", type: "symbol", source: "many", filter: grouped,
      layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": ["bold system-ui,sans-serif"], "text-size": 13 },
      paint: { "text-color": token("on-brick") } });
    map.addLayer({ id: "single", type: "circle", source: "many", filter: ["!", grouped], paint: {
      "circle-color": this.colours(), "circle-radius": 8, "circle-stroke-color": token("raised"), "circle-stroke-width": 2 } });
    map.on("click", "group", async (event) => {
      const { properties, geometry } = event.features[0];
      const zoom = await map.getSource("many").getClusterExpansionZoom(properties.cluster_id);
      map.easeTo({ center: geometry.coordinates, zoom });
    });
    map.on("click", "single", (event) => this.open(this.all.get(event.features[0].properties.id)));
    for (const layer of ["group", "single"]) {
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
  }

  colours() {
    const names = ["good", "warn", "bad", "info", "lamp", "ink", "c1", "c2", "c3", "c4", "c5", "c6"];
    return ["match", ["get", "colour"], ...names.flatMap((name) => [name, token(name)]), token("brick")];
  }

  repaint() {
    this.map.setPaintProperty("group", "circle-color", token("brick"));
    this.map.setPaintProperty("group", "circle-stroke-color", token("raised"));
    this.map.setPaintProperty("group-count", "text-color", token("on-brick"));
    this.map.setPaintProperty("single", "circle-color", this.colours());
  }

  set(points) {
    this.all = new Map(points.map((point) => [point.properties.id, point]));
    const many = points.length > MOST;
    this.map.getSource("many").setData(many ? { type: "FeatureCollection", features: points } : empty());
    for (const [id, mark] of this.known) if (many || !this.all.has(id)) this.drop(id, mark);
    if (!many) for (const point of points) this.put(point);
  }

  drop(id, mark) {
    cancelAnimationFrame(mark.frame);
    mark.marker.remove();
    this.known.delete(id);
  }

  put(feature) {
    const { id, kind, colour, text, label, state, heading, open } = feature.properties;
    const looks = JSON.stringify([kind, colour, text]);
    let mark = this.known.get(id);
    if (mark && mark.looks !== looks) this.drop(id, mark);
    mark = this.known.get(id);
    if (!mark) {
      const drawing = drawn(this.sprite, feature);
      drawing.addEventListener("click", (event) => {
        event.stopPropagation();
        this.open(this.all.get(id));
      });
      const marker = new this.lib.Marker({ element: drawing, anchor: "center" }).setLngLat(feature.geometry.coordinates).addTo(this.map);
      mark = { marker, drawing, looks };
      this.known.set(id, mark);
      if (open) this.open(feature);
    } else {
      this.glide(mark, feature.geometry.coordinates, id);
    }
    mark.drawing.setAttribute("aria-label", [label, state].filter(Boolean).join(", "));
    facing(mark.drawing, heading);
  }

  move(id, to, heading) {
    const mark = this.known.get(String(id));
    if (!mark) return false;
    if (heading !== undefined) facing(mark.drawing, heading);
    this.all.get(String(id)).geometry.coordinates = to;
    this.glide(mark, to, String(id));
    return true;
  }

  glide(mark, to, id) {
    cancelAnimationFrame(mark.frame);
    const from = mark.marker.getLngLat().toArray();
    if (this.following === id) this.map.easeTo({ center: to, duration: still.matches ? 0 : GLIDE });
    if (still.matches || (from[0] === to[0] && from[1] === to[1])) {
      mark.marker.setLngLat(to);
      return;
    }
    const began = performance.now();
    const step = (now) => {
      const part = Math.min(1, (now - began) / GLIDE);
      mark.marker.setLngLat([from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]);
      if (part < 1) mark.frame = requestAnimationFrame(step);
    };
    mark.frame = requestAnimationFrame(step);
  }

  open(feature) {
    if (!feature || this.picked(feature) === false) return;
    this.popup?.remove();
    this.popup = new this.lib.Popup({ offset: 18, maxWidth: "16rem", focusAfterOpen: !feature.properties.open })
      .setLngLat(feature.geometry.coordinates).setDOMContent(card(feature, this.words)).addTo(this.map);
    this.known.get(feature.properties.id)?.marker.setPopup(null);
  }
}

export function empty() {
  return { type: "FeatureCollection", features: [] };
}
