// Light, dark or as the device, kept in a cookie so that the server draws the next page in it.
const choices = document.querySelector(".themes");

function show(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of choices.querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
}

if (choices) {
  choices.hidden = false;
  show(document.documentElement.dataset.theme ?? "");
  choices.addEventListener("click", (event) => {
    const theme = event.target.dataset.themeChoice;
    if (theme === undefined) return;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    show(theme);
  });
}
