// The bar above the messages, and the notices below it.

import { runAction } from "./api.js";
import { h, icon, redrawKeepingFocus } from "./dom.js";
import { channelIcon } from "./sidebar.js";
import { toast } from "./toasts.js";
import { openFaultDialog } from "./fault-dialog.js";

/** Draw the channel's name, the actions of the host program, and the settings button. */
export function mountChannelBar(world, dialogs) {
  const bar = document.getElementById("channel-bar");
  const show = () => {
    const { channel, isAdmin } = world;
    document.title = channel ? `${channel.name} · Storywire sandbox` : "Storywire sandbox";
    redrawKeepingFocus(
      bar,
      h(
        "h1",
        { id: "channel-name" },
        channel ? [channelIcon(channel), h("span", null, channel.name)] : "No channel",
      ),
      h("p", { class: "channel-topic" }, channel?.topic ?? ""),
      ...world.actions.map((action) => actionButton(world, action)),
      ...(isAdmin && world.faults.length > 0 ? [faultButton(world)] : []),
      ...(channel && isAdmin ? [settingsButton(channel, dialogs)] : []),
    );
  };
  for (const name of ["selection", "actions", "guilds"]) world.addEventListener(name, show);
}

const faultButton = (world) =>
  h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-haspopup": "dialog",
      "aria-label": "Simulate a failure",
      title: "Simulate a failure",
      onclick: () => openFaultDialog(world, { onDone: toast }),
    },
    icon("bolt"),
  );

const settingsButton = (channel, dialogs) =>
  h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Bot permissions in this channel",
      title: "Bot permissions",
      onclick: () => dialogs.channelSettings(channel),
    },
    icon("gear"),
  );

function actionButton(world, action) {
  const reason = world.isAdmin
    ? action.description
    : "Only admins can do this. Act as an admin to use it.";
  const button = h(
    "button",
    { type: "button", class: "button button-action", title: reason, disabled: !world.isAdmin },
    icon("story"),
    action.label,
  );
  button.addEventListener("click", () => runPageAction(world, action.name, button));
  return button;
}

/** Run an action of the host program and show its result. */
export async function runPageAction(world, name, button) {
  if (button) button.disabled = true;
  try {
    toast((await runAction(world.person.id, name)).message);
    world.completeStep("action");
  } catch (error) {
    toast(error.message, { failed: true });
  } finally {
    if (button) button.disabled = false;
  }
}

/** Draw the notices above the messages: no connection, bot offline, missing permissions. */
export function mountNotices(world, dialogs) {
  const notices = document.getElementById("channel-notices");
  const notice = (text, ...more) =>
    h("p", { class: "notice" }, icon("warning"), h("span", null, text), ...more);
  const show = () => {
    const lost = !world.connected && world.channel !== null;
    const missing = world.channel?.bot_permissions?.missing ?? [];
    const fix = world.isAdmin
      ? h(
          "button",
          {
            type: "button",
            class: "text-button",
            onclick: () => dialogs.channelSettings(world.channel),
          },
          "Change",
        )
      : null;
    notices.replaceChildren(
      ...(lost ? [notice("Lost the connection to the sandbox. Reconnecting…")] : []),
      ...(world.connected && !world.bot.online
        ? [notice("The bot is offline. Commands don't work until it is back.")]
        : []),
      ...(world.connected && missing.length > 0
        ? [notice(`The bot is missing permissions here: ${missing.join(", ")}.`, fix)]
        : []),
    );
  };
  for (const name of ["bot", "connection", "selection", "guilds"])
    world.addEventListener(name, show);
}
