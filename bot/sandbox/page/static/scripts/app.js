// The entry point of the page: creates the world and its views and connects them.

import { runPageAction, mountChannelBar, mountNotices } from "./channel-bar.js";
import { ChannelView } from "./channel-view.js";
import { CommandBox } from "./command-box.js";
import { makeDialogs } from "./dialogs.js";
import { h } from "./dom.js";
import { mountFirstSteps } from "./first-steps.js";
import { handleModals } from "./modal.js";
import { RequestsPanel } from "./requests-panel.js";
import { makeSidePanels } from "./side-panels.js";
import { mountSidebar } from "./sidebar.js";
import { displaySettings, restoreDisplaySettings } from "./display-settings.js";
import { mountForum } from "./thread-list.js";
import { keepTimesCurrent } from "./time.js";
import { toast } from "./toasts.js";
import { World } from "./world.js";

const showError = (message) => toast(message, { failed: true });

function mountBotStatus(world) {
  const status = document.getElementById("bot-status");
  const show = () => {
    const state = !world.connected ? "lost" : world.bot.online ? "online" : "offline";
    const text = { lost: "Connecting…", online: "online", offline: "offline" }[state];
    const prefix = state === "lost" ? null : h("span", { class: "bot-status-who" }, "Bot ");
    status.dataset.state = state;
    status.replaceChildren(
      h("span", { class: "status-dot", "aria-hidden": "true" }),
      h("span", null, prefix, text),
    );
  };
  for (const name of ["bot", "connection"]) world.addEventListener(name, show);
  show();
}

/** Put a command in the box, from wherever it is named on the page. */
function openCommand(world, panels, commandBox, path, values) {
  panels.closeOverlays();
  if (commandBox.isHidden) showError("A forum has no command box. Open another channel first.");
  else if (!commandBox.fillCommand(path, values)) showError(world.whyUnavailable(path));
}

/** A click on a command that a message mentions puts it in the box. */
function handleCommandMentions(world, panels, commandBox) {
  document.addEventListener("click", ({ target }) => {
    const mentioned = target.closest("button.mention[data-command]");
    if (mentioned) openCommand(world, panels, commandBox, mentioned.dataset.command);
  });
}

/** The first steps for a newcomer; pressing a step performs it. */
function firstStepList(world, panels, commandBox) {
  const focusChannels = () => {
    panels.showDrawer(true);
    document.querySelector("#channels a")?.focus();
  };
  const dropStory = () => {
    if (world.actions.length > 0) runPageAction(world, world.actions[0].name);
    else showError("This sandbox has no stories to drop.");
  };
  const fillCommand = (path, values) => openCommand(world, panels, commandBox, path, values);
  document
    .getElementById("channels")
    .addEventListener(
      "click",
      ({ target }) => target.closest("a") && world.completeStep("channel"),
    );
  return [
    { step: "channel", text: "Pick a channel", run: focusChannels },
    {
      step: "press Save",
      orStep: "run subscriptions add with options",
      text: "Subscribe",
      code: "/subscriptions add",
      codeSuffix: "then Save",
      run: () => fillCommand("subscriptions add"),
    },
    { step: "action", text: "Drop a story", run: dropStory },
    {
      step: "run news topic",
      text: "Look up a topic",
      code: "/news topic AI",
      run: () => fillCommand("news topic", { topic: "AI" }),
    },
  ];
}

/** The "/" key starts a command from anywhere on the page. */
function handleSlashKey(commandBox) {
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input[type=text], dialog") !== null;
    if (event.key !== "/" || event.ctrlKey || event.metaKey || typing || commandBox.isHidden) return;
    event.preventDefault();
    commandBox.startCommand();
  });
}

/** After a move to another place, keep the focus in it if the link that led there is gone. */
function keepFocus() {
  const focused = document.activeElement;
  if (focused !== document.body && focused.checkVisibility()) return;
  document
    .querySelector("#message-scroll:not([hidden]), #posts:not([hidden])")
    .focus({ preventScroll: true });
}

/** A pressed button shows that it is waiting; the next event in the channel clears that. */
function clearBusyButtons() {
  for (const element of document.querySelectorAll(".is-busy")) element.classList.remove("is-busy");
}

function start() {
  restoreDisplaySettings();
  keepTimesCurrent();
  const world = new World();
  const panels = makeSidePanels();
  const dialogs = makeDialogs(world, { onDone: toast });
  const view = new ChannelView(world, { onFailure: showError });
  const commandBox = new CommandBox(document.getElementById("command-box"), world);
  new RequestsPanel(world, { onClose: () => panels.showRequests(false) });
  mountSidebar(world, { dialogs, displayControls: displaySettings(() => view.draw()) });
  mountBotStatus(world);
  mountChannelBar(world, dialogs);
  mountNotices(world, dialogs);
  mountForum(world);
  mountFirstSteps(world, firstStepList(world, panels, commandBox));
  handleModals(world);
  handleSlashKey(commandBox);
  handleCommandMentions(world, panels, commandBox);
  world.addEventListener("failure", (event) => showError(event.detail.message));
  for (const name of ["message", "modal", "failure"])
    world.addEventListener(name, clearBusyButtons);
  addEventListener("hashchange", () => {
    panels.closeOverlays();
    world.goToAddress().catch((error) => showError(error.message));
    keepFocus();
  });
  world.start();
}

start();
