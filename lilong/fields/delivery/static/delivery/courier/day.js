// The day as the courier sees it: what the house said, and on top of it what the phone has noted since. No I/O.

const AFTER = {collected: "collected", departed: "out", "at-depot": "at-depot", delivered: "delivered", deposited: "in-locker", failed: "failed", returning: "returning", returned: "returned"};
const OVER = new Set(["delivered", "in-locker", "returned", "lost", "cancelled"]);

export function merged(day, queue) {
  const shipments = new Map(day.shipments.map((each) => [each.id, {...each, waiting: false, photos: 0, arrived: false, tried: false}]));
  for (const item of queue) {
    const shipment = shipments.get(item.shipment);
    if (!shipment) continue;
    if (item.photo) { shipment.photos += 1; shipment.waiting = true; continue; }
    const kind = item.event.kind;
    shipment.waiting = true;
    if (kind === "arrived") shipment.arrived = true;
    if (kind === "failed") shipment.tried = true;
    shipment.state = AFTER[kind] || shipment.state;
  }
  const todo = [];
  for (const stop of day.stops) {
    const shipment = shipments.get(stop.shipment);
    if (!shipment) continue;
    const what = doing(stop, shipment);
    if (what) todo.push({...stop, what, shipment});
  }
  return {todo, shipments};
}

// What is to be done at a stop now; null when it is done, or another stop of the shipment comes first.
function doing(stop, shipment) {
  const state = shipment.state;
  if (OVER.has(state)) return null;
  if (stop.kind === "pickup") return state === "requested" || state === "accepted" ? "collect" : null;
  if (state === "requested" || state === "accepted") return null;
  if (state === "returning") return "back";
  if (state === "collected" || state === "at-depot" || state === "failed") return "depart";
  return shipment.bank_id ? "deposit" : "deliver";
}

// Proofs that are still to be given for handing it over: what the form has is passed in.
export function lacking(shipment, {code, tag, photos, position}) {
  const had = {code: Boolean(code), tag: Boolean(tag), photo: photos + shipment.photos > 0, geofence: Boolean(position)};
  return shipment.proofs.filter((proof) => proof in had && !had[proof]);
}
