// Choosing a point: a tap on the map, a drag of the mark, "where I am", or the two numbers, whichever the reader can use.
const DIGITS = 6;

export function choose(element, map) {
  const [latitude, longitude] = ["latitude", "longitude"].map((name) => element.querySelector(`[data-${name}] input`));
  let marker = null;
  const read = () => [Number(longitude.value), Number(latitude.value)];
  const chosen = () => longitude.value !== "" && latitude.value !== "" && Math.abs(read()[1]) <= 90 && Math.abs(read()[0]) <= 180;

  function show(move) {
    if (!map.map || !chosen()) return;
    marker ??= mark();
    marker.setLngLat(read()).addTo(map.map);
    if (move) map.centre(read());
  }

  function mark() {
    const pin = document.createElement("div");
    pin.className = "mappin";
    const made = new map.lib.Marker({ element: pin, anchor: "bottom", draggable: true }).setLngLat(map.map.getCenter());
    made.on("dragend", () => set(made.getLngLat().toArray(), false));
    return made;
  }

  function set(lonlat, move) {
    longitude.value = lonlat[0].toFixed(DIGITS);
    latitude.value = lonlat[1].toFixed(DIGITS);
    show(move);
    for (const input of [latitude, longitude]) input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  map.on("ready", () => {
    element.dataset.state = "ready";
    show(true);
    const middle = element.querySelector("[data-middle]");
    middle.hidden = false;
    middle.addEventListener("click", () => set(map.map.getCenter().toArray(), false));
  });
  map.on("tap", (lonlat) => set(lonlat, false));
  for (const input of [latitude, longitude]) input.addEventListener("input", () => show(true));
  const here = element.querySelector("[data-here]");
  if (navigator.geolocation && window.isSecureContext) {
    here.hidden = false;
    here.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
      ({ coords }) => set([coords.longitude, coords.latitude], true),
      () => { here.disabled = true; },
      { enableHighAccuracy: true, timeout: 10000 },
    ));
  }
}
