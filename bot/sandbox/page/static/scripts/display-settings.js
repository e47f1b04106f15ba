// Display settings: the theme (the system's until one is chosen), and whether pictures are loaded
// from the web.

import { h } from "./dom.js";
import { drawsColourEmoji } from "./emoji.js";
import { loadPreference, savePreference } from "./preferences.js";

const THEMES = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
];
const TAGLINE = "a local stand-in for Discord; no message leaves this machine";
const TAGLINE_WITH_PICTURES = "a local stand-in for Discord; the page loads only pictures from the web";

function setTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  savePreference("theme", theme);
}

export const loadsWebPictures = () => loadPreference("pictures") === "web";

function setWebPictures(isEnabled) {
  savePreference("pictures", isEnabled ? "web" : "none");
  document.getElementById("tagline").textContent = isEnabled ? TAGLINE_WITH_PICTURES : TAGLINE;
}

/**
 * The two settings as form controls, and a note if emoji can't be drawn; `onPictures` runs when the
 * second setting changes.
 */
export function displaySettings(onPictures) {
  const chosen = loadPreference("theme") ?? "system";
  const options = THEMES.map(([value, label]) =>
    h("option", { value, selected: value === chosen }, label),
  );
  const theme = h(
    "select",
    { class: "small-select", "aria-label": "Theme", onchange: () => setTheme(theme.value) },
    ...options,
  );
  const pictures = h("input", { type: "checkbox", class: "switch", checked: loadsWebPictures() });
  pictures.addEventListener("change", () => {
    setWebPictures(pictures.checked);
    onPictures();
  });
  const controls = h(
    "div",
    { class: "display-settings" },
    h(
      "label",
      {
        class: "display-pictures",
        title: "When off, placeholders are drawn, and the page loads nothing from the web",
      },
      pictures,
      "Pictures from the web",
    ),
    theme,
  );
  return [controls, drawsColourEmoji() ? null : fontNote()].filter((each) => each !== null);
}

const fontNote = () =>
  h(
    "p",
    { class: "font-note" },
    "This system has no font for colour emoji, so they appear as boxes or without colour. On Debian, install ",
    h("code", null, "fonts-noto-color-emoji"),
    ", then restart the browser.",
  );

export function restoreDisplaySettings() {
  setTheme(loadPreference("theme") ?? "system");
  setWebPictures(loadsWebPictures());
}
