// A shipment while it comes: the vehicle moves on the map, and what changed of the page is fetched again.
import {watch} from "/static/ui/live.js";
import {mapOf} from "/static/ui/map.js";

const now = document.querySelector("#now");
const element = document.querySelector("#way");

let asked = 0;
function refresh() {
  clearTimeout(asked);
  asked = setTimeout(() => {
    htmx.ajax("GET", now.dataset.src, {target: "#now", swap: "innerHTML"});
    if (element) fetch(`${now.dataset.src}map.json`).then((answer) => answer.ok && answer.json()).then((found) => found && mapOf(element).set(found));
  }, 150);
}

function shown() {
  const section = now.querySelector("[data-state]");
  return {state: section?.dataset.state, stopped: section?.dataset.stopped || ""};
}

function move(position, heading) {
  if (element && position) mapOf(element).move("vehicle", position, heading ?? undefined);
}

// Both kinds say all that there is: what differs from what the page shows has it fetched again.
let known = null;
watch(now.dataset.topic, (said) => {
  const before = shown();
  move(said.position, said.heading);
  const other = known && ["eta", "before"].some((name) => name in said && said[name] !== known[name]);
  known = {...known, ...said};
  if (other || ("state" in said && said.state !== before.state) || ("stopped" in said && (said.stopped || "") !== before.stopped)) refresh();
});

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value));
}
