// The office's map: vehicles move as they say so; what changes of shipments has the marks fetched again, not too often.
import {watch} from "/static/ui/live.js";
import {mapOf} from "/static/ui/map.js";

const PAUSE_MS = 3_000;
const desk = document.querySelector("[data-desk]");
const element = document.querySelector("#fleet");
let due = 0;

async function again() {
  due = 0;
  const answer = await fetch(desk.dataset.src);
  if (answer.ok) mapOf(element).set(await answer.json());
}

watch(desk.dataset.desk, (said) => {
  if (said.vehicle && said.position) mapOf(element).move(said.vehicle, said.position, said.heading ?? undefined);
  else if (said.shipment && !due) due = setTimeout(again, PAUSE_MS);
});
