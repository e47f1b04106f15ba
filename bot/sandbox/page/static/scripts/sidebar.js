// The sidebar: servers, channels with their threads, direct messages, roles, and the person that the
// page acts as.

import {
  CATEGORY,
  DIRECT_MESSAGES,
  isArchived,
  isForum,
  isReadable,
} from "./channels.js";
import { h, icon, initials, redrawKeepingFocus } from "./dom.js";

const MAX_THREADS = 5; // below a channel; its list of threads has all
const ICONS = {
  0: "hash",
  1: "direct",
  2: "hash",
  5: "megaphone",
  10: "thread",
  11: "thread",
  12: "thread",
  15: "forum",
  16: "forum",
};

export const channelIcon = (channel) => icon(ICONS[channel.type] ?? "hash");

const byPosition = (left, right) =>
  (left.position ?? 0) - (right.position ?? 0) || (left.id < right.id ? -1 : 1);

/** Keep the lists and the person panel up to date; `dialogs` are for admins. */
export function mountSidebar(world, { dialogs, displayControls }) {
  const servers = document.getElementById("servers");
  const channels = document.getElementById("channels");
  const person = document.getElementById("person-panel");
  world.addEventListener("guilds", () => {
    redrawKeepingFocus(servers, serverList(world));
    redrawKeepingFocus(
      channels,
      ...(world.guild ? channelPanel(world, dialogs) : directPanel(world)),
    );
    markUnreadDirectMessages(world);
  });
  world.addEventListener("people", () =>
    redrawKeepingFocus(person, personPicker(world), ...displayControls),
  );
}

/** The direct messages, then the servers. */
function serverList(world) {
  const entry = (id, name, badge) => {
    const unread = world.hasUnread(id);
    return h(
      "li",
      null,
      h(
        "a",
        {
          class: id === DIRECT_MESSAGES ? "server server-direct" : "server",
          href: `#${id}`,
          title: name,
          "aria-label": unread ? `${name}, new messages` : name,
          "aria-current": id === world.guildId ? "true" : null,
          "data-unread": unread,
        },
        badge,
      ),
    );
  };
  return h(
    "ul",
    null,
    entry(
      DIRECT_MESSAGES,
      "Direct messages",
      h("span", { class: "initials" }, icon("direct")),
    ),
    world.guilds.map((guild) => entry(guild.id, guild.name, initials(guild.name))),
  );
}

/** In a narrow window the servers are hidden, so that the button for them has the mark. */
function markUnreadDirectMessages(world) {
  const unread = world.hasUnread(DIRECT_MESSAGES);
  const toggle = document.getElementById("drawer-toggle");
  const name = "Servers and channels";
  toggle.toggleAttribute("data-unread", unread);
  toggle.setAttribute("aria-label", unread ? `${name}, new direct messages` : name);
}

function directPanel(world) {
  return [
    h("h2", { class: "guild-name" }, "Direct messages"),
    h(
      "div",
      { class: "channel-scroll" },
      h(
        "ul",
        null,
        world.directChannels.map((channel) => h("li", null, channelLink(channel, world))),
      ),
      world.guilds.length === 0
        ? h("p", { class: "muted pad" }, "This person is not a member of any server.")
        : null,
    ),
  ];
}

function channelPanel(world, dialogs) {
  const { guild } = world;
  const visible = guild.channels.filter((channel) => channel.visible !== false).sort(byPosition);
  const childrenOf = (parent) =>
    visible.filter(
      (channel) => (channel.parent_id ?? null) === parent && channel.type !== CATEGORY,
    );
  const ids = new Set(visible.map((channel) => channel.id));
  const orphans = visible.filter((channel) => channel.parent_id && !ids.has(channel.parent_id));
  const rows = (list) =>
    h(
      "ul",
      null,
      list.map((channel) =>
        h("li", null, channelRow(channel, world, dialogs), threadRows(channel, world)),
      ),
    );
  const categories = visible.filter(
    (channel) => channel.type === CATEGORY && childrenOf(channel.id).length > 0,
  );
  return [
    h("h2", { class: "guild-name" }, guild.name),
    h(
      "div",
      { class: "channel-scroll" },
      rows([...childrenOf(null), ...orphans]),
      categories.map((category) =>
        h("div", { class: "category" }, h("h3", null, category.name), rows(childrenOf(category.id))),
      ),
      world.isAdmin
        ? h(
            "button",
            { type: "button", class: "add-button", onclick: () => dialogs.addChannel() },
            icon("plus"),
            "Add a channel",
          )
        : null,
      roleList(guild, world, dialogs),
    ),
  ];
}

/**
 * The newest active threads of a channel and the open one; those of a forum are in its list of posts.
 */
function threadRows(channel, world) {
  const active = world.threadsOf(channel).filter((thread) => !isArchived(thread));
  const shown = new Set(isForum(channel) ? [] : active.slice(0, MAX_THREADS));
  const threads = world
    .threadsOf(channel)
    .filter((thread) => shown.has(thread) || thread.id === world.channelId);
  if (threads.length === 0) return null;
  return h(
    "ul",
    { "aria-label": `Threads of ${channel.name}` },
    threads.map((thread) => h("li", null, channelLink(thread, world))),
  );
}

function channelRow(channel, world, dialogs) {
  if (!isReadable(channel))
    return h("span", { class: "channel-row is-plain" }, ...channelLabel(channel));
  return h(
    "div",
    { class: "channel-entry" },
    channelLink(channel, world),
    world.isAdmin
      ? h(
          "button",
          {
            type: "button",
            class: "icon-button channel-gear",
            "aria-label": `Settings for ${channel.name}`,
            title: "Channel settings",
            onclick: () => dialogs.channelSettings(channel),
          },
          icon("gear"),
        )
      : null,
  );
}

function channelLabel(channel) {
  const missing = channel.bot_permissions?.missing ?? [];
  const warning =
    missing.length > 0
      ? h(
          "span",
          { class: "channel-warning", title: `The bot is missing permissions: ${missing.join(", ")}` },
          icon("warning"),
          h("span", { class: "visually-hidden" }, "the bot is missing permissions"),
        )
      : null;
  return [channelIcon(channel), h("span", { class: "channel-label" }, channel.name), warning];
}

function channelLink(channel, world) {
  const unread = world.isUnreadWithThreads(channel);
  return h(
    "a",
    {
      class: "channel-row",
      href: world.addressOf(channel),
      "aria-current": channel.id === world.channelId ? "page" : null,
      "data-unread": unread,
    },
    ...channelLabel(channel),
    unread ? h("span", { class: "visually-hidden" }, "new messages") : null,
  );
}

function roleList(guild, world, dialogs) {
  const roles = guild.roles
    .filter((role) => role.id !== guild.id)
    .sort((left, right) => (right.position ?? 0) - (left.position ?? 0));
  return h(
    "div",
    { class: "category" },
    h("h3", null, "Roles"),
    h(
      "ul",
      null,
      roles.map((role) => {
        const dot = h("span", { class: "role-dot" });
        if (role.color)
          dot.style.setProperty("--role", `#${role.color.toString(16).padStart(6, "0")}`);
        return h("li", { class: "role-row" }, dot, role.name);
      }),
    ),
    world.isAdmin
      ? h(
          "button",
          { type: "button", class: "add-button", onclick: () => dialogs.addRole() },
          icon("plus"),
          "Add a role",
        )
      : null,
  );
}

/** One radio button per person. */
function personPicker(world) {
  const choices = world.people.map((person) => {
    const name = person.global_name ?? person.username;
    const radio = h("input", {
      type: "radio",
      name: "person",
      value: person.id,
      checked: person.id === world.person?.id,
      class: "visually-hidden",
    });
    radio.addEventListener("change", () => world.actAs(person.id));
    return h(
      "label",
      { class: "person" },
      radio,
      initials(name, "avatar-small"),
      h("span", { class: "person-name" }, name),
      h("span", { class: "person-role" }, person.admin_of?.length ? "admin" : "member"),
    );
  });
  return h(
    "fieldset",
    { class: "person-picker" },
    h("legend", null, "Act as"),
    h("div", { class: "person-choices" }, choices),
  );
}
