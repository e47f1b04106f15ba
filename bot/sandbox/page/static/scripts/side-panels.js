// The two panels beside the channel; in a narrow window they slide over it.

import { icon } from "./dom.js";
import { loadPreference, savePreference } from "./preferences.js";

const DRAWER = matchMedia("(max-width: 819px)"); // as in layout.css
const OVERLAY = matchMedia("(max-width: 1179px)");

export function makeSidePanels() {
  const sidebar = document.getElementById("sidebar");
  const requests = document.getElementById("requests");
  const drawerToggle = document.getElementById("drawer-toggle");
  const requestsToggle = document.getElementById("requests-toggle");
  const backdrop = document.getElementById("backdrop");
  let drawerOpen = false;

  function refresh() {
    const overlaid = OVERLAY.matches && !requests.hidden;
    sidebar.classList.toggle("is-open", drawerOpen);
    sidebar.inert = DRAWER.matches && !drawerOpen;
    drawerToggle.setAttribute("aria-expanded", String(drawerOpen));
    requestsToggle.setAttribute("aria-expanded", String(!requests.hidden));
    backdrop.hidden = !((DRAWER.matches && drawerOpen) || overlaid);
  }
  function showDrawer(isOpen) {
    drawerOpen = isOpen;
    if (isOpen && OVERLAY.matches) requests.hidden = true;
    refresh();
  }
  function showRequests(isOpen) {
    requests.hidden = !isOpen;
    if (isOpen) drawerOpen = false;
    if (!OVERLAY.matches) savePreference("requests", isOpen ? "open" : "closed");
    refresh();
  }
  function closeOverlays() {
    drawerOpen = false;
    if (OVERLAY.matches) requests.hidden = true;
    refresh();
  }

  drawerToggle.append(icon("menu"));
  requestsToggle.append(icon("activity"));
  drawerToggle.addEventListener("click", () => showDrawer(!drawerOpen));
  requestsToggle.addEventListener("click", () => showRequests(requests.hidden));
  backdrop.addEventListener("click", closeOverlays);
  // Also closes the drawer for the current channel, whose address doesn't change.
  document
    .getElementById("channels")
    .addEventListener("click", (event) => event.target.closest("a") && showDrawer(false));
  addEventListener("keydown", (event) => event.key === "Escape" && closeOverlays());
  DRAWER.addEventListener("change", closeOverlays);
  OVERLAY.addEventListener("change", closeOverlays);
  requests.hidden = OVERLAY.matches || loadPreference("requests") === "closed";
  refresh();
  return { showDrawer, showRequests, closeOverlays };
}
