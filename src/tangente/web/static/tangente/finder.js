// In the finder the arrow keys walk through what was found; Enter in the field opens the first of it.
const finder = document.getElementById("finder");

function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const stops = [...finder.querySelectorAll("input[type=search], #found a")];
  const next = stops.indexOf(document.activeElement) + step;
  stops.at(next % stops.length).focus();
}

function openFirst(event) {
  const found = finder.querySelector("#found [data-of]");
  if (found?.dataset.of !== event.target.elements.q.value) return; // not found yet: the page of results
  event.preventDefault();
  found.querySelector("a").click();
}

finder?.addEventListener("keydown", walk);
finder?.addEventListener("submit", openFirst);
finder?.addEventListener("click", (event) => event.target.closest("a") && finder.close()); // it may be on this page
