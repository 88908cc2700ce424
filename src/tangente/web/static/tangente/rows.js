// A click on a mark of a chart opens the chart's table at the row behind the mark.
const saying = (row) => [...row.cells].slice(0, 2).map((cell) => cell.textContent.trim());

document.addEventListener("click", (event) => {
  const mark = event.target.closest(".chart [data-row]");
  const details = mark?.closest("section").querySelector("details");
  const row = [...(details?.querySelectorAll("tbody tr") ?? [])].find((one) => {
    const [first, second] = saying(one);
    return [first, `${first} → ${second}`].includes(mark.dataset.row);
  });
  if (!row) return;
  details.open = true;
  row.tabIndex = -1;
  row.focus();
});
