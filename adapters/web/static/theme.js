// Light or dark at a press, without loading the page anew.

const theme = document.querySelector(".themes");
theme?.addEventListener("submit", (event) => {
  event.preventDefault();
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.querySelector('meta[name="color-scheme"]').content = root.dataset.theme;
  const fields = new URLSearchParams(new FormData(theme));
  fields.set("theme", root.dataset.theme);
  fetch(theme.action, { method: "POST", body: fields, redirect: "manual" }).catch(() => {});
});
