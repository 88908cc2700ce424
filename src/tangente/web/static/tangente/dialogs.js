// Dialogs open by a button or a key: Ctrl-K finds, ? lists the keys, / goes into the search field of the page.
const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

function open(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const closer = event.target.closest("[data-closes]");
  if (opener || closer) event.preventDefault(); // without a script, both are links
  if (opener) open(opener.dataset.opens);
  closer?.closest("dialog").close();
  if (event.target instanceof HTMLDialogElement) event.target.close(); // beside it
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open("finder");
  } else if (event.key === "Escape") event.target.closest("dialog")?.close(); // a search field would only empty itself
  else if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  else if (event.key === "?") open("shortcuts");
  else if (event.key === "/") {
    const search = document.querySelector("main input[type=search]");
    if (search) event.preventDefault();
    search?.focus();
  }
});

document.querySelector("[data-focus]")?.focus();
