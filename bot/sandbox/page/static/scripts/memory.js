// Small choices that outlive a reload: who one acts as, the theme, what was dismissed. Works
// without storage too.

const PREFIX = "storywire-sandbox:";

export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // a browser that refuses storage simply forgets
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // as above
  }
}
