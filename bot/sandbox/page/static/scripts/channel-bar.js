// The bar above the messages, and the notices below it.

import { runAction } from "./api.js";
import { DIRECT_MESSAGES, isArchived, isForum, isLocked, isThread } from "./channels.js";
import { h, icon, redrawKeepingFocus } from "./dom.js";
import { channelIcon } from "./sidebar.js";
import { openThreadDialog } from "./thread-list.js";
import { toast } from "./toasts.js";
import { openFaultDialog } from "./fault-dialog.js";

const OFFLINE =
  "The bot is offline. Commands and buttons fail until it is back; a story that you drop now is posted then.";

/** Draw the channel's name, the actions of the host program, and the settings button. */
export function mountChannelBar(world, dialogs) {
  const bar = document.getElementById("channel-bar");
  const show = () => {
    const { channel } = world;
    const parent = isThread(channel) ? world.parentOf(channel) : null;
    document.title = channel ? `${channel.name} · Storywire sandbox` : "Storywire sandbox";
    redrawKeepingFocus(
      bar,
      ...(parent ? [backLink(world, parent)] : []),
      h(
        "h1",
        { id: "channel-name" },
        channel ? [channelIcon(channel), h("span", null, channel.name)] : "No channel",
      ),
      h("p", { class: "channel-topic" }, about(world)),
      ...(channel && !isForum(channel) && world.threadsOf(channel).length > 0
        ? [threadsButton(world, channel)]
        : []),
      ...(parent && world.isAdmin ? threadButtons(world, channel) : []),
      ...world.actions.map((action) => actionButton(world, action)),
      ...(world.isAdminSomewhere && world.faults.length > 0 ? [faultButton(world)] : []),
      ...(channel && world.isAdmin && !parent ? [settingsButton(channel, dialogs)] : []),
    );
    bar.classList.toggle("is-thread", parent !== null);
  };
  for (const name of ["selection", "actions", "guilds"]) world.addEventListener(name, show);
}

/** What is beside the name of a channel: its topic, or what it is. */
function about(world) {
  const { channel } = world;
  if (world.guildId === DIRECT_MESSAGES) return "Only you and the bot see these messages";
  if (isThread(channel)) return `In #${world.parentOf(channel)?.name}`;
  return channel?.topic ?? "";
}

const backLink = (world, parent) =>
  h(
    "a",
    {
      class: "icon-button",
      href: world.addressOf(parent),
      "aria-label": `Back to ${parent.name}`,
      title: `Back to ${parent.name}`,
    },
    icon("back"),
  );

const threadsButton = (world, channel) =>
  h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-haspopup": "dialog",
      "aria-label": "Threads",
      title: "Threads",
      onclick: () => openThreadDialog(world, channel),
    },
    icon("thread"),
  );

/** Buttons for admins to archive and lock a thread, to see how the bot reacts. */
function threadButtons(world, thread) {
  const button = (name, symbol, isOn, description, change) =>
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": name,
        "aria-pressed": String(isOn),
        title: description,
        onclick: async () => {
          try {
            await world.changeThread(thread, change);
          } catch (error) {
            toast(error.message, { failed: true });
          }
        },
      },
      icon(symbol),
    );
  const archived = isArchived(thread);
  const locked = isLocked(thread);
  return [
    button("Archived", "archive", archived, archived ? "Reopen this thread" : "Archive this thread", {
      archived: !archived,
    }),
    button("Locked", "lock", locked, locked ? "Unlock this thread" : "Lock this thread", {
      locked: !locked,
    }),
  ];
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
  const reason = world.isAdminSomewhere
    ? action.description
    : "Only admins can do this. Act as an admin to use it.";
  const button = h(
    "button",
    { type: "button", class: "button button-action", title: reason, disabled: !world.isAdminSomewhere },
    icon("story"),
    h("span", null, action.label),
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

/** Draw the notices above the messages: no connection, bot offline, thread closed, permissions. */
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
            onclick: () => dialogs.channelSettings(world.parentOf(world.channel) ?? world.channel),
          },
          "Change",
        )
      : null;
    notices.replaceChildren(
      ...(lost ? [notice("Lost the connection to the sandbox. Reconnecting…")] : []),
      ...(world.connected && !world.bot.online
        ? [notice(OFFLINE)]
        : []),
      ...(isArchived(world.channel) || isLocked(world.channel)
        ? [notice(whyClosed(world.channel))]
        : []),
      ...(world.connected && missing.length > 0
        ? [notice(`The bot is missing permissions here: ${missing.join(", ")}.`, fix)]
        : []),
    );
  };
  for (const name of ["bot", "connection", "selection", "guilds"])
    world.addEventListener(name, show);
}

function whyClosed(thread) {
  if (!isLocked(thread)) return "This thread is archived. A new message reopens it.";
  const state = isArchived(thread) ? "archived and locked" : "locked";
  return `This thread is ${state}. The bot can't write here unless it has Manage Threads.`;
}
