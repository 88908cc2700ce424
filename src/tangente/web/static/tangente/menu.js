// The menu of a phone: Esc closes it, and so does the focus when it goes elsewhere; nothing is covered by it then.
const menu = document.getElementById("menu");
const opener = document.querySelector('a[href="#menu"]');
const isOpen = () => location.hash === "#menu";

function close(focus) {
  location.replace("#main"); // what CSS calls :target follows an address only
  focus.focus();
}

if (menu && opener) {
  window.addEventListener("hashchange", () => isOpen() && menu.querySelector("a").focus());
  menu.addEventListener("focusout", ({ relatedTarget: next }) => {
    if (isOpen() && next && !next.closest("#menu, dialog")) close(next);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && !document.querySelector("dialog[open]")) close(opener);
  });
}
