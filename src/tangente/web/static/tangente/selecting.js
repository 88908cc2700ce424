// What is there to be copied is selected as soon as it has the focus.
for (const field of document.querySelectorAll("[data-select]")) field.addEventListener("focus", () => field.select());
