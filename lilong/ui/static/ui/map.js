// Maps: every [data-map] of the page becomes one, with MapLibre and our own GeoJSON. `mapOf(element)` is what pages talk to.
// Where WebGL is missing, the list under the map is opened instead.
import { onTheme, repaint, style, token } from "./map/base.js";
import { card, empty, Marks } from "./map/marks.js";

const maps = new WeakMap();
let library = null;

function loaded(address) {
  library ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address.script;
    script.addEventListener("load", () => {
      window.maplibregl.setWorkerUrl(address.worker);
      done(window.maplibregl);
    });
    script.addEventListener("error", failed);
    document.head.append(script);
  });
  return library;
}

function canDraw() {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(context);
}

class LilongMap {
  constructor(element) {
    this.element = element;
    this.told = JSON.parse(element.dataset.told);
    this.stage = element.querySelector(".stage");
    this.list = element.querySelector(".maplist");
    this.heard = { pick: [], ready: [], tap: [] };
    this.fc = this.first();
    this.way = null;
    this.fitted = false;
    this.ready = this.start();
    if (this.told.src) this.load().then(() => this.repeat());
    else this.show();
  }

  first() {
    const data = this.element.querySelector("script[type='application/json']");
    return data ? JSON.parse(data.textContent) : empty();
  }

  async start() {
    if (!canDraw()) return this.without();
    try {
      const lib = await loaded(this.told);
      this.draw(lib);
      await new Promise((done) => { this.map.once("load", done); });
      this.layers();
      this.marks = new Marks(lib, this.map, this.told.sprite, this.told.words, (feature) => this.tell("pick", feature));
      onTheme(() => { repaint(this.map); this.paint(); this.marks.repaint(); });
      this.element.dataset.state = "ready";
      this.show();
      this.tell("ready", this);
    } catch (error) {
      console.warn(error);
      this.without();
    }
  }

  without() {
    this.element.dataset.state = "without";
    const details = this.element.querySelector("details");
    if (details) details.open = true;
  }

  draw(lib) {
    const { told } = this;
    this.lib = lib;
    this.map = new lib.Map({
      container: this.stage, style: style(told), center: told.centre, zoom: told.zoom, minZoom: 7, maxZoom: 19,
      maxBounds: [[120.3, 30.3], [122.8, 32.2]], attributionControl: false, dragRotate: false, pitchWithRotate: false,
      touchPitch: false, cooperativeGestures: !told.free, fadeDuration: 0, locale: told.locale,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new lib.AttributionControl({ compact: false }));
    this.map.addControl(new lib.NavigationControl({ showCompass: false }), "top-right");
    this.map.on("click", (event) => this.tell("tap", event.lngLat.toArray()));
    this.map.on("dragstart", () => { if (this.marks) this.marks.following = null; });
  }

  layers() {
    const { map } = this;
    for (const name of ["areas", "lines", "way"]) map.addSource(name, { type: "geojson", data: empty() });
    const colour = this.colours();
    map.addLayer({ id: "area", type: "fill", source: "areas", paint: { "fill-color": colour, "fill-opacity": 0.18 } });
    map.addLayer({ id: "area-border", type: "line", source: "areas", paint: { "line-color": colour, "line-width": 2 } });
    for (const name of ["lines", "way"]) {
      const round = { "line-cap": "round", "line-join": "round" };
      map.addLayer({ id: `${name}-casing`, type: "line", source: name, layout: round,
        paint: { "line-color": token("surface"), "line-width": 8 } });
      map.addLayer({ id: name, type: "line", source: name, layout: round, filter: ["!=", ["get", "dashed"], true],
        paint: { "line-color": colour, "line-width": 4 } });
      map.addLayer({ id: `${name}-dashed`, type: "line", source: name, filter: ["==", ["get", "dashed"], true],
        paint: { "line-color": colour, "line-width": 4, "line-dasharray": [1.5, 1.5] } });
    }
    map.on("click", "area", (event) => {
      if (this.tell("pick", event.features[0]) === false) return;
      const content = card(event.features[0], this.told.words);
      if (content.textContent) new this.lib.Popup({ maxWidth: "16rem" }).setLngLat(event.lngLat).setDOMContent(content).addTo(map);
    });
  }

  colours() {
    const names = ["door", "good", "warn", "bad", "info", "lamp", "ink", "c1", "c2", "c3", "c4", "c5", "c6"];
    return ["match", ["get", "colour"], ...names.flatMap((name) => [name, token(name)]), token("info")];
  }

  paint() {
    const colour = this.colours();
    this.map.setPaintProperty("area", "fill-color", colour);
    for (const name of ["area-border", "lines", "lines-dashed", "way", "way-dashed"]) this.map.setPaintProperty(name, "line-color", colour);
    for (const name of ["lines-casing", "way-casing"]) this.map.setPaintProperty(name, "line-color", token("surface"));
  }

  // The things of `src` again; a failed request leaves what is there.
  async load() {
    try {
      const answer = await fetch(this.told.src, { headers: { Accept: "application/geo+json, application/json" } });
      if (answer.ok) this.set(await answer.json());
    } catch {
      // offline: the next round brings them
    }
  }

  repeat() {
    if (!this.told.every) return;
    setInterval(() => { if (!document.hidden) this.load(); }, this.told.every * 1000);
  }

  set(featureCollection) {
    this.fc = featureCollection;
    this.show();
  }

  show() {
    if (this.list) this.listed();
    if (!this.marks) return;
    const of = (...types) => ({ type: "FeatureCollection", features: this.fc.features.filter((f) => types.includes(f.geometry.type)) });
    this.map.getSource("areas").setData(of("Polygon", "MultiPolygon"));
    this.map.getSource("lines").setData(of("LineString"));
    this.marks.set(of("Point").features);
    if (!this.fitted && this.fc.features.length && this.told.fit) this.fit(true);
  }

  // The same things in words.
  listed() {
    const named = this.fc.features.filter((feature) => feature.properties.label);
    this.list.replaceChildren(...named.map((feature) => {
      const item = document.createElement("li");
      const { label, note, href, state } = feature.properties;
      const name = document.createElement(href ? "a" : "span");
      if (href) name.href = href;
      name.textContent = label;
      item.append(name, ...[state, note].filter(Boolean).map((text) => ` · ${text}`));
      return item;
    }));
    const count = this.element.querySelector("[data-count]");
    if (count) count.textContent = named.length;
  }

  move(id, lonlat, heading) {
    return this.marks?.move(id, lonlat, heading) ?? false;
  }

  follow(id) {
    if (this.marks) this.marks.following = id === null ? null : String(id);
  }

  // A way on top of everything; [] takes it off.
  route(points, { dashed = false, colour = "info" } = {}) {
    this.way = points;
    const feature = { type: "Feature", properties: { dashed, colour }, geometry: { type: "LineString", coordinates: points } };
    this.map?.getSource("way")?.setData(points.length > 1 ? feature : empty());
  }

  fit(at_once = false) {
    const positions = [...this.fc.features.map((f) => f.geometry.coordinates), ...(this.way ?? [])].flat(9);
    if (!this.map || positions.length < 2) return;
    const bounds = new this.lib.LngLatBounds();
    for (let n = 0; n + 1 < positions.length; n += 2) bounds.extend([positions[n], positions[n + 1]]);
    this.fitted = true;
    this.map.fitBounds(bounds, { padding: 48, maxZoom: 16, ...(at_once ? { duration: 0 } : {}) });
  }

  centre(lonlat, zoom = 16) {
    this.map?.easeTo({ center: lonlat, zoom: Math.max(this.map.getZoom(), zoom) });
  }

  on(kind, hear) {
    this.heard[kind].push(hear);
    if (kind === "ready" && this.marks) hear(this);
    return this;
  }

  // False from a listener keeps the map from opening its own card.
  tell(kind, what) {
    return this.heard[kind].map((hear) => hear(what)).includes(false) ? false : undefined;
  }
}

export function mapOf(element) {
  if (!maps.has(element)) maps.set(element, new LilongMap(element));
  return maps.get(element);
}

function mount() {
  for (const element of document.querySelectorAll("[data-map]")) mapOf(element);
  for (const element of document.querySelectorAll("[data-map-point]:not([data-state])")) {
    element.dataset.state = "mounting";
    import("./map/point.js").then((module) => module.choose(element, mapOf(element.querySelector("[data-map]"))));
  }
}
mount();
document.addEventListener("htmx:load", mount);
