// Files may be dropped anywhere on a page that has a form for them; they are sent at once.
const form = document.querySelector("form[data-drops]");
const field = form?.querySelector("input[type=file]");
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
const mark = (is) => document.body.classList.toggle("is-dropping", is);

if (field) {
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
  document.addEventListener("drop", (event) => {
    mark(false);
    if (!hasFiles(event) || !event.dataTransfer.files.length) return;
    event.preventDefault();
    field.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
