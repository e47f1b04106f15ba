// How the page looks: light or dark (the system's choice until one is made), and whether pictures
// come from the web.

import { h } from "./dom.js";
import { recall, remember } from "./memory.js";

const THEMES = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
];
const QUIET = "a local stand-in for Discord; nothing leaves this machine";
const WITH_PICTURES = "a local stand-in for Discord; only pictures are fetched from the web";

function applyTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  remember("theme", theme);
}

export const picturesFromWeb = () => recall("pictures") === "web";

function applyPictures(wanted) {
  remember("pictures", wanted ? "web" : "none");
  document.getElementById("tagline").textContent = wanted ? WITH_PICTURES : QUIET;
}

/** The two settings as form controls; `onPictures` runs when the second one changes. */
export function lookSettings(onPictures) {
  const chosen = recall("theme") ?? "system";
  const options = THEMES.map(([value, label]) =>
    h("option", { value, selected: value === chosen }, label),
  );
  const theme = h(
    "select",
    { class: "small-select", "aria-label": "Theme", onchange: () => applyTheme(theme.value) },
    ...options,
  );
  const pictures = h("input", { type: "checkbox", class: "switch", checked: picturesFromWeb() });
  pictures.addEventListener("change", () => {
    applyPictures(pictures.checked);
    onPictures();
  });
  return h(
    "div",
    { class: "look-settings" },
    h(
      "label",
      {
        class: "look-pictures",
        title: "Off: stand-ins are drawn here and nothing is fetched from the internet",
      },
      pictures,
      "Pictures from the web",
    ),
    theme,
  );
}

export function restoreLook() {
  applyTheme(recall("theme") ?? "system");
  applyPictures(picturesFromWeb());
}
