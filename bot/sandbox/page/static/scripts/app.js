// Puts the page together: the world, its views, and what passes between them.

import { runAction } from "./api.js";
import { channelIcon, followSidebar } from "./sidebar.js";
import { ChannelView } from "./channel-view.js";
import { CommandBox } from "./command-box.js";
import { makeDialogs } from "./dialogs.js";
import { h, icon, redraw } from "./dom.js";
import { followFirstSteps } from "./first-steps.js";
import { RequestsPanel } from "./requests-panel.js";
import { makeSidePanels } from "./side-panels.js";
import { lookSettings, restoreLook } from "./theme.js";
import { keepTimesCurrent } from "./time.js";
import { toast } from "./toasts.js";
import { World } from "./world.js";

const fail = (message) => toast(message, { failed: true });

function followBotStatus(world) {
  const status = document.getElementById("bot-status");
  const show = () => {
    const state = !world.connected ? "lost" : world.bot.online ? "online" : "offline";
    const words = { lost: "Connecting…", online: "Bot online", offline: "Bot offline" }[state];
    status.dataset.state = state;
    status.replaceChildren(h("span", { class: "status-dot", "aria-hidden": "true" }), words);
  };
  for (const name of ["bot", "connection"]) world.addEventListener(name, show);
  show();
}

function followChannelBar(world, dialogs) {
  const bar = document.getElementById("channel-bar");
  const show = () => {
    const { channel, isAdmin } = world;
    document.title = channel ? `${channel.name} · Storywire sandbox` : "Storywire sandbox";
    redraw(
      bar,
      h("h1", { id: "channel-name" }, channel ? [channelIcon(channel), h("span", null, channel.name)] : "No channel"),
      h("p", { class: "channel-topic" }, channel?.topic ?? ""),
      ...world.actions.map((action) => actionButton(world, action)),
      ...(channel && isAdmin ? [settingsButton(channel, dialogs)] : []),
    );
  };
  for (const name of ["selection", "actions", "guilds"]) world.addEventListener(name, show);
}

const settingsButton = (channel, dialogs) =>
  h("button", { type: "button", class: "icon-button", "aria-label": "What the bot may do in this channel", title: "What the bot may do here", onclick: () => dialogs.channelSettings(channel) }, icon("gear"));

function actionButton(world, action) {
  const reason = world.isAdmin ? action.description : "Only an admin can do this: act as one to use it";
  const button = h("button", { type: "button", class: "button button-action", title: reason, disabled: !world.isAdmin }, icon("story"), action.label);
  button.addEventListener("click", () => carryOut(world, action.name, button));
  return button;
}

async function carryOut(world, name, button) {
  if (button) button.disabled = true;
  try {
    toast((await runAction(world.person.id, name)).message);
  } catch (error) {
    fail(error.message);
  } finally {
    if (button) button.disabled = false;
  }
}

/** Above the messages: the connection is gone, the bot is away, the bot lacks rights here. */
function followNotices(world, dialogs) {
  const notices = document.getElementById("channel-notices");
  const notice = (text, ...more) => h("p", { class: "notice" }, icon("warning"), h("span", null, text), ...more);
  const show = () => {
    const missing = world.channel?.bot_permissions?.missing ?? [];
    const fix = world.isAdmin ? h("button", { type: "button", class: "text-button", onclick: () => dialogs.channelSettings(world.channel) }, "Change") : null;
    notices.replaceChildren(
      ...(world.person && !world.connected ? [notice("The connection to the sandbox is lost. Trying again…")] : []),
      ...(world.connected && !world.bot.online ? [notice("The bot is offline. Commands are answered once it is back.")] : []),
      ...(world.connected && missing.length > 0 ? [notice(`The bot lacks here: ${missing.join(", ")}.`, fix)] : []),
    );
  };
  for (const name of ["bot", "connection", "selection", "guilds"]) world.addEventListener(name, show);
}

async function start() {
  restoreLook();
  keepTimesCurrent();
  const world = new World();
  const panels = makeSidePanels();
  const dialogs = makeDialogs(world, { onDone: toast });
  const view = new ChannelView(world, { onFailure: fail });
  const box = new CommandBox(document.getElementById("command-box"), world);
  new RequestsPanel(world, { onClose: () => panels.showRequests(false) });
  const command = (path, values) => {
    panels.closeOverlays();
    if (!box.fill(path, values)) fail(`/${path} is not for this person: act as an admin, or wait until the bot is online.`);
  };
  followSidebar(world, { dialogs, look: lookSettings(() => view.draw()) });
  followBotStatus(world);
  followChannelBar(world, dialogs);
  followNotices(world, dialogs);
  followFirstSteps([
    { text: "Pick a channel", run: () => panels.showDrawer(true) },
    { text: "Subscribe it", code: "/subscriptions add", run: () => command("subscriptions add") },
    { text: "Drop a story", run: () => (world.actions.length > 0 ? carryOut(world, world.actions[0].name) : fail("This sandbox offers no story to drop.")) },
    { text: "Ask", code: "/news topic AI", run: () => command("news topic", { topic: "AI" }) },
  ]);
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input[type=text], dialog")) return;
    event.preventDefault();
    box.begin();
  });
  world.addEventListener("failure", (event) => fail(event.detail.message));
  for (const name of ["message", "failure"]) {
    world.addEventListener(name, () => document.querySelectorAll(".is-busy").forEach((element) => element.classList.remove("is-busy")));
  }
  addEventListener("hashchange", () => {
    panels.closeOverlays();
    world.goToAddress().catch((error) => fail(error.message));
  });
  await world.start();
}

start().catch((error) => fail(error.message));
