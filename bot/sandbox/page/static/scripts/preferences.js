// Small choices that outlive a reload: who one acts as, the theme, what was dismissed. Works
// without storage too.

const PREFIX = "storywire-sandbox:";

export function loadPreference(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // a browser that refuses storage simply forgets
  }
}

export function savePreference(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // as above
  }
}
