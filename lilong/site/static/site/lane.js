// On a phone the doors are a row: begin at the first one that is lit.
const row = document.querySelector(".doors");
const lit = row?.querySelector(".lit");
if (lit && row.scrollWidth > row.clientWidth) {
  const box = lit.closest("li");
  row.scrollLeft = box.offsetLeft - (row.clientWidth - box.offsetWidth) / 2;
}
