// Live topics: import {watch} from "/static/ui/live.js";
//   const stop = watch("delivery.shipment:ID", (message, kind) => ..., state => ...);
// `kind` is "snapshot" (everything, also after each reconnect) or "message". States: "connecting", "live", "lost" (trying
// again by itself), "refused" (this topic may not be watched; the second argument is the problem). One socket serves the
// page; <html data-live="..."> shows its state to style sheets and tests.

const FIRST_MS = 500, LONGEST_MS = 30_000, SETTLED_MS = 10_000, SILENT_MS = 70_000, OPEN_MS = 15_000;
const CANNOT = new Set([4403, 1007, 1009]); // another site's page, or a fault of ours: trying again changes nothing

const topics = new Map(); // topic -> Set of {hear, show}
let socket = null, timer = 0, silence = 0, pause = FIRST_MS, settled = 0, given = false;

export function watch(topic, hear, show = () => {}) {
  const watcher = {hear, show};
  const there = topics.get(topic);
  if (there) there.add(watcher);
  else topics.set(topic, new Set([watcher]));
  show(state());
  if (socket?.readyState === WebSocket.OPEN) {
    // A second watcher of a topic needs its snapshot too: leaving and watching again brings it.
    if (there) say({leave: topic});
    say({watch: topic});
  } else open();
  return () => {
    const watchers = topics.get(topic);
    if (!watchers?.delete(watcher) || watchers.size) return;
    topics.delete(topic);
    if (socket?.readyState === WebSocket.OPEN) say({leave: topic});
    if (!topics.size) shut();
  };
}

function state() {
  return document.documentElement.dataset.live || "connecting";
}

function show(next) {
  document.documentElement.dataset.live = next;
  for (const watchers of topics.values()) for (const watcher of watchers) watcher.show(next);
}

function say(what) {
  socket.send(JSON.stringify(what));
}

function open() {
  if (socket || given || !topics.size) return;
  clearTimeout(timer);
  const mine = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/live`);
  socket = mine;
  show(state() === "lost" ? "lost" : "connecting");
  listen(OPEN_MS);
  mine.addEventListener("open", () => {
    if (socket !== mine) return;
    for (const topic of topics.keys()) say({watch: topic});
    settled = setTimeout(() => { pause = FIRST_MS; }, SETTLED_MS);
    listen(SILENT_MS);
    show("live");
  });
  mine.addEventListener("message", (event) => {
    if (socket !== mine) return;
    listen(SILENT_MS);
    heard(JSON.parse(event.data));
  });
  mine.addEventListener("close", (event) => { if (socket === mine) lost(event.code); });
}

function heard(said) {
  if (said.ping) return say({pong: 1});
  const watchers = [...(topics.get(said.topic) || [])];
  if (said.problem) {
    topics.delete(said.topic);
    for (const watcher of watchers) watcher.show("refused", said.problem);
    if (!topics.size) shut();
    return;
  }
  const kind = "snapshot" in said ? "snapshot" : "message";
  for (const watcher of watchers) watcher.hear(said[kind], kind);
}

// The server pings; a line that is silent longer than that is dead, whatever the system says.
function listen(ms) {
  clearTimeout(silence);
  silence = setTimeout(() => lost(0), ms);
}

function drop() {
  const old = socket;
  socket = null;
  clearTimeout(settled);
  clearTimeout(silence);
  old?.close();
}

function lost(code) {
  drop();
  given = CANNOT.has(code);
  show("lost");
  if (given || !navigator.onLine) return;
  timer = setTimeout(open, pause * (0.5 + Math.random() / 2));
  pause = Math.min(pause * 2, LONGEST_MS);
}

function shut() {
  drop();
  clearTimeout(timer);
  delete document.documentElement.dataset.live;
}

function again() {
  pause = FIRST_MS;
  clearTimeout(timer);
  open();
}

addEventListener("online", again);
addEventListener("offline", () => { if (topics.size) lost(0); });
addEventListener("pagehide", () => { if (socket) { drop(); document.documentElement.dataset.live = "lost"; } clearTimeout(timer); });
addEventListener("pageshow", (event) => { if (event.persisted) again(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible" && !socket) again(); });
