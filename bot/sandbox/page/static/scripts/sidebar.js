// The sidebar: servers, channels, roles, and the person that the page acts as.

import { h, icon, initials, redrawKeepingFocus } from "./dom.js";
import { isReadable } from "./world.js";

const CATEGORY = 4;
const ICONS = {
  0: "hash",
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
      ...(world.guild
        ? channelPanel(world, dialogs)
        : [h("p", { class: "muted pad" }, "This person is not a member of any server.")]),
    );
  });
  world.addEventListener("people", () =>
    redrawKeepingFocus(person, personPicker(world), displayControls),
  );
}

function serverList(world) {
  return h(
    "ul",
    null,
    world.guilds.map((guild) => {
      const unread =
        guild.id !== world.guildId &&
        guild.channels.some((channel) => world.unread.has(channel.id));
      return h(
        "li",
        null,
        h(
          "a",
          {
            class: "server",
            href: `#${guild.id}`,
            title: guild.name,
            "aria-label": unread ? `${guild.name}, new messages` : guild.name,
            "aria-current": guild.id === world.guildId ? "true" : null,
            "data-unread": unread,
          },
          initials(guild.name),
        ),
      );
    }),
  );
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
      list.map((channel) => h("li", null, channelRow(channel, world, dialogs), nestedRows(channel))),
    );
  const nestedRows = (channel) => {
    const children = childrenOf(channel.id);
    return children.length > 0 ? rows(children) : null;
  };
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

function channelRow(channel, world, dialogs) {
  const missing = channel.bot_permissions?.missing ?? [];
  const current = channel.id === world.channelId;
  const warning =
    missing.length > 0
      ? h(
          "span",
          { class: "channel-warning", title: `The bot is missing permissions: ${missing.join(", ")}` },
          icon("warning"),
          h("span", { class: "visually-hidden" }, "the bot is missing permissions"),
        )
      : null;
  const label = [
    channelIcon(channel),
    h("span", { class: "channel-label" }, channel.name),
    warning,
  ];
  const unread = world.unread.has(channel.id);
  if (!isReadable(channel)) return h("span", { class: "channel-row is-plain" }, ...label);
  return h(
    "div",
    { class: "channel-entry" },
    h(
      "a",
      {
        class: "channel-row",
        href: `#${world.guildId}/${channel.id}`,
        "aria-current": current ? "page" : null,
        "data-unread": unread,
      },
      ...label,
      unread ? h("span", { class: "visually-hidden" }, "new messages") : null,
    ),
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
