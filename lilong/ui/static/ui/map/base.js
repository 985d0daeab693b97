// The base map: districts, streets and their names in the colours of the tokens, from our own GeoJSON. No tile or glyph server:
// a style without `glyphs` makes MapLibre draw letters itself with the fonts that the reader has.

const root = document.documentElement;
const WIDTHS = { motorway: 7, trunk: 7, primary: 6, secondary: 5, tertiary: 4 };
const FONT = ["system-ui,PingFang SC,Microsoft YaHei,Noto Sans CJK SC,Noto Sans SC,sans-serif"];

// A token as MapLibre can read it: `light-dark()` and friends are resolved by the browser on a hidden probe.
const probe = document.createElement("span");
probe.hidden = true;
export function token(name) {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

function nameField() {
  const language = root.lang.slice(0, 2);
  return ["coalesce", ["get", language], ["get", "en"]];
}

function width(extra) {
  const by = ["match", ["get", "kind"], ...Object.entries(WIDTHS).flat(), 3];
  return ["interpolate", ["exponential", 1.6], ["zoom"], 12, ["*", by, 0.25], 15, ["+", by, extra], 18, ["+", ["*", by, 4], extra]];
}

const isName = ["==", ["geometry-type"], "Point"];

function label(id, source, layout, minzoom, filter) {
  return {
    id, type: "symbol", source, minzoom, filter,
    layout: { "text-font": FONT, ...layout },
    paint: { "text-color": token("ink-soft"), "text-halo-color": token("ground"), "text-halo-width": 1.5 },
  };
}

export function style(layers) {
  return {
    version: 8,
    sources: {
      districts: { type: "geojson", data: layers.districts, attribution: layers.attribution },
      streets: { type: "geojson", data: layers.streets },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": token("sunken") } },
      { id: "district", type: "fill", source: "districts", filter: ["!", isName], paint: { "fill-color": token("ground") } },
      { id: "border", type: "line", source: "districts", filter: ["!", isName],
        paint: { "line-color": token("line"), "line-width": ["interpolate", ["linear"], ["zoom"], 9, 1, 14, 2.5] } },
      { id: "kerb", type: "line", source: "streets", minzoom: 13, layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": token("line-strong"), "line-opacity": 0.6, "line-width": width(1.5) } },
      { id: "street", type: "line", source: "streets", minzoom: 11,
        layout: { "line-cap": "round", "line-join": "round", "line-sort-key": ["get", "level"] },
        paint: { "line-color": token("raised"), "line-width": width(0) } },
      label("street-name", "streets", {
        "text-field": ["get", "name"], "symbol-placement": "line", "text-size": 12, "text-padding": 12, "symbol-spacing": 260,
      }, 13, ["!=", ["get", "name"], ""]),
      label("district-name", "districts", { "text-field": nameField(), "text-size": 13, "text-padding": 4 }, 8, isName),
    ],
  };
}

// The colours again after the theme has changed.
export function repaint(map) {
  const fresh = style({}).layers;
  for (const layer of fresh) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name, value);
  }
}

export function onTheme(tell) {
  new MutationObserver(tell).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
}
