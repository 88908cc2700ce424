// A row that is led to stands open: by a mark of a chart that was clicked, or by the address.
const open = (row) => {
  if (!row) return;
  row.closest("details").open = true;
  row.tabIndex = -1;
  row.focus();
};

document.addEventListener("click", (event) => {
  const mark = event.target.closest(".chart [data-row]");
  const rows = mark?.closest("section").querySelectorAll("details tbody tr") ?? [];
  const saying = (row) => [...row.cells].slice(0, 2).map((cell) => cell.textContent.trim());
  open([...rows].find((row) => [saying(row)[0], saying(row).join(" → ")].includes(mark.dataset.row)));
});

const openAddressed = () => open(document.querySelector(`details tr[id="${CSS.escape(location.hash.slice(1))}"]`));
addEventListener("hashchange", openAddressed);
openAddressed();
