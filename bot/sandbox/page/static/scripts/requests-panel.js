// The panel with the bot's API requests, newest first.

import { fetchRequests } from "./api.js";
import { h, icon } from "./dom.js";

const MAX_ROWS = 200;

export class RequestsPanel {
  constructor(world, { onClose }) {
    this.root = document.getElementById("requests");
    this.list = h("ol", { class: "request-list", "aria-label": "Requests, newest first" });
    this.empty = h(
      "p",
      { class: "muted pad" },
      "No requests yet. The bot's API requests appear here as they happen.",
    );
    this.root.append(
      h(
        "div",
        { class: "requests-head" },
        h("h2", null, "Bot requests"),
        h(
          "button",
          { type: "button", class: "text-button", onclick: () => this.#show([]) },
          "Clear",
        ),
        h(
          "button",
          {
            type: "button",
            class: "icon-button",
            "aria-label": "Close the panel",
            onclick: onClose,
          },
          icon("close"),
        ),
      ),
      h("p", { class: "requests-about" }, "API requests to this local Discord, newest first."),
      this.empty,
      this.list,
    );
    world.addEventListener("request", (event) => this.#add(event.detail));
    world.addEventListener("connection", () => world.connected && this.#load());
  }

  async #load() {
    try {
      this.#show(await fetchRequests());
    } catch (error) {
      this.#show([]);
      this.empty.textContent = error.message;
    }
  }

  #show(requests) {
    this.list.replaceChildren(...requests.map(row));
    this.empty.hidden = requests.length > 0;
  }

  #add(request) {
    this.empty.hidden = true;
    this.list.prepend(row(request));
    if (this.list.children.length > MAX_ROWS) this.list.lastElementChild.remove();
  }
}

function row({ at, method, path, status, milliseconds, note }) {
  const isServerError = status >= 500 || status === 0;
  const outcome = isServerError ? "server-error" : status >= 400 ? "client-error" : "success";
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }).format(new Date(at));
  return h(
    "li",
    { class: `request is-${outcome}` },
    h(
      "p",
      { class: "request-line" },
      h("span", { class: "request-method" }, method),
      h("span", { class: "request-status" }, status === 0 ? "no response" : String(status)),
      h("span", { class: "spacer" }),
      h("span", { class: "request-time" }, `${Number(milliseconds).toFixed(1)} ms · ${time}`),
    ),
    h("p", { class: "request-path" }, breakable(path)),
    note ? h("p", { class: "request-note" }, note) : null,
  );
}

/** A path that wraps before its slashes instead of within a word. */
const breakable = (path) => path.split(/(?=\/)/).flatMap((part) => [h("wbr"), part]);
