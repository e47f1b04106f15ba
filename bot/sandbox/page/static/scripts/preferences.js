// Preferences in the browser's local storage, such as the person and the theme. Also works without
// storage.

const PREFIX = "storywire-sandbox:";

export function loadPreference(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // storage is disabled: nothing is remembered
  }
}

export function savePreference(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // as above
  }
}
