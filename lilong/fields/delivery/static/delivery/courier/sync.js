// Sends the queue, in its order, whenever there is a connection; what was sent and answered is removed, nothing else is.
// One tab at a time sends (a lock of the browser's), and what is sent twice all the same changes nothing.
import * as store from "./store.js";

const AT_ONCE = 50, AGAIN_MS = 5_000, LONGEST_MS = 60_000, PATIENCE_MS = 20_000, HAVE_MAX = 150;

export class Sync {
  constructor(base, show, changed) {
    Object.assign(this, {base, show, changed, vehicle: "", pause: AGAIN_MS, timer: 0, busy: false, again: false});
    addEventListener("online", () => this.soon());
    addEventListener("offline", () => this.tell());
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") this.soon(); });
  }

  soon() {
    this.pause = AGAIN_MS;
    this.go();
  }

  async go() {
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    clearTimeout(this.timer);
    let state = "offline";
    try {
      state = await this.locked(() => this.all());
    } catch (error) {
      if (!(error instanceof TypeError || error.name === "AbortError" || error.name === "TimeoutError")) console.warn(error);
    }
    this.busy = false;
    await this.tell(state);
    if (this.again) { this.again = false; return this.go(); }
    if (state !== "online") {
      this.timer = setTimeout(() => this.go(), this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST_MS);
    } else this.pause = AGAIN_MS;
  }

  locked(work) {
    return navigator.locks ? navigator.locks.request("lilong-courier", work) : work();
  }

  async all() {
    while (true) {
      const items = await store.waiting(this.vehicle);
      if (!items.length) break;
      await this.tell("sending");
      const photo = items[0].photo;
      const batch = photo ? [items[0]] : items.slice(0, AT_ONCE).filter((item, n, all) => !all.slice(0, n + 1).some((one) => one.photo));
      const answer = photo ? await this.post(`${items[0].shipment}/photos/${items[0].id}`, items[0].photo, "application/octet-stream")
        : await this.post("events", JSON.stringify(batch.map((item) => item.event)), "application/json");
      if (answer.status === 401 || answer.status === 403 || answer.redirected) return "signin";
      if (answer.status >= 500 || answer.status === 429) return "offline";
      await this.note(batch, answer);
      await store.remove(batch.map((item) => item.n));
      await this.changed();
    }
    return (await this.fetchDay()) ? "online" : "signin";
  }

  // What the house could not do with it stands on the page until it has been read; the house keeps it, too.
  async note(batch, answer) {
    if (!answer.ok) {
      const said = await answer.json().catch(() => ({}));
      for (const item of batch) await store.note({id: item.id, vehicle: this.vehicle, shipment: item.shipment, words: said.said || said.title || String(answer.status)});
      return;
    }
    const told = new Map(((await answer.json()).said || []).map((one) => [one.id, one]));
    for (const item of batch) {
      const one = told.get(item.id);
      if (one && one.state !== "applied") await store.note({id: item.id, vehicle: this.vehicle, shipment: item.shipment, kind: item.event?.kind, words: one.words || one.problem});
    }
  }

  post(path, body, type) {
    const token = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="))?.slice(10) || "";
    return fetch(this.base + path, {method: "POST", body, headers: {"Content-Type": type, "X-CSRFToken": token}, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE_MS)});
  }

  // The day anew. False when somebody has to sign in first.
  async fetchDay() {
    // Whose address is on the phone is not asked for again: its owner sees each reading.
    const before = new Map((await store.days()).find((each) => each.vehicle === this.vehicle)?.shipments.map((each) => [each.id, each]) || []);
    const have = [...before.keys()].slice(0, HAVE_MAX).join(",");
    const answer = await fetch(`${this.base}today?have=${have}`, {credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS)});
    if (answer.redirected || answer.status === 401 || answer.status === 403) return false;
    if (!answer.ok) throw new TypeError(String(answer.status));
    const day = await answer.json();
    for (const each of day.shipments) {
      const known = each.same && before.get(each.id);
      if (known) Object.assign(each, {who: known.who, line: known.line, phone: known.phone});
    }
    this.vehicle = day.vehicle;
    localStorage.setItem("lilong-courier", day.vehicle);
    await store.keepDay(day);
    await this.changed();
    return true;
  }

  async tell(state = navigator.onLine ? "sending" : "offline") {
    const items = this.vehicle ? await store.waiting(this.vehicle) : [];
    this.show(state === "sending" && !items.length ? "online" : state, items.length);
  }
}
