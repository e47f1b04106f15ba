// Puts the page together: the world, its views, and what passes between them.

import { carryOut, followChannelBar, followNotices } from "./channel-bar.js";
import { ChannelView } from "./channel-view.js";
import { CommandBox } from "./command-box.js";
import { makeDialogs } from "./dialogs.js";
import { h } from "./dom.js";
import { followFirstSteps } from "./first-steps.js";
import { followModals } from "./modal.js";
import { RequestsPanel } from "./requests-panel.js";
import { makeSidePanels } from "./side-panels.js";
import { followSidebar } from "./sidebar.js";
import { lookSettings, restoreLook } from "./theme.js";
import { keepTimesCurrent } from "./time.js";
import { toast } from "./toasts.js";
import { World } from "./world.js";

const fail = (message) => toast(message, { failed: true });

function followBotStatus(world) {
  const status = document.getElementById("bot-status");
  const show = () => {
    const state = !world.connected ? "lost" : world.bot.online ? "online" : "offline";
    const words = { lost: "Connecting…", online: "online", offline: "offline" }[state];
    const who = state === "lost" ? null : h("span", { class: "bot-status-who" }, "Bot ");
    status.dataset.state = state;
    status.replaceChildren(
      h("span", { class: "status-dot", "aria-hidden": "true" }),
      h("span", null, who, words),
    );
  };
  for (const name of ["bot", "connection"]) world.addEventListener(name, show);
  show();
}

/** What to do first; each step can also be taken by pressing it. */
function firstSteps(world, panels, box) {
  const pick = () => {
    panels.showDrawer(true);
    document.querySelector("#channels a")?.focus();
  };
  const drop = () => {
    if (world.actions.length > 0) carryOut(world, world.actions[0].name);
    else fail("This sandbox offers no story to drop.");
  };
  const fill = (path, values) => {
    panels.closeOverlays();
    if (box.fill(path, values)) return;
    fail(`/${path} is not there for you: act as an admin, or wait until the bot is online.`);
  };
  document
    .getElementById("channels")
    .addEventListener("click", ({ target }) => target.closest("a") && world.did("channel"));
  return [
    { deed: "channel", text: "Pick a channel", run: pick },
    {
      deed: "press Save",
      text: "Subscribe it",
      code: "/subscriptions add",
      after: "then Save",
      run: () => fill("subscriptions add"),
    },
    { deed: "action", text: "Drop a story", run: drop },
    {
      deed: "run news topic",
      text: "Ask",
      code: "/news topic AI",
      run: () => fill("news topic", { topic: "AI" }),
    },
  ];
}

/** "/" begins a command, wherever on the page one is. */
function followSlash(box) {
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input[type=text], dialog") !== null;
    if (event.key !== "/" || event.ctrlKey || event.metaKey || typing) return;
    event.preventDefault();
    box.begin();
  });
}

/** A pressed button waits for its answer; whatever happens next in the channel ends that. */
function endWaiting() {
  for (const element of document.querySelectorAll(".is-busy")) element.classList.remove("is-busy");
}

function start() {
  restoreLook();
  keepTimesCurrent();
  const world = new World();
  const panels = makeSidePanels();
  const dialogs = makeDialogs(world, { onDone: toast });
  const view = new ChannelView(world, { onFailure: fail });
  const box = new CommandBox(document.getElementById("command-box"), world);
  new RequestsPanel(world, { onClose: () => panels.showRequests(false) });
  followSidebar(world, { dialogs, look: lookSettings(() => view.draw()) });
  followBotStatus(world);
  followChannelBar(world, dialogs);
  followNotices(world, dialogs);
  followFirstSteps(world, firstSteps(world, panels, box));
  followModals(world);
  followSlash(box);
  world.addEventListener("failure", (event) => fail(event.detail.message));
  for (const name of ["message", "modal", "failure"]) world.addEventListener(name, endWaiting);
  addEventListener("hashchange", () => {
    panels.closeOverlays();
    world.goToAddress().catch((error) => fail(error.message));
  });
  world.start();
}

start();
