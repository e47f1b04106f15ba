// Dialogs for admins: add a channel, add a role, change the bot's permissions in a channel.

import * as api from "./api.js";
import { FORUM } from "./channels.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const MANAGE_SERVER = String(1 << 5);
// The permissions that a posting bot needs:
// https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
const BOT_PERMISSIONS = [
  ["View Channel", 1n << 10n, "see the channel"],
  ["Send Messages", 1n << 11n, "post stories"],
  ["Send Messages in Threads", 1n << 38n, "post stories in threads"],
  ["Embed Links", 1n << 14n, "post stories as embeds"],
  ["Attach Files", 1n << 15n, "post files"],
  ["Read Message History", 1n << 16n, "check what it has already posted"],
  ["Create Public Threads", 1n << 35n, "start a thread under a story"],
  ["Mention Everyone", 1n << 17n, "mention any role"],
];

/**
 * Dialogs for the selected server; `onDone(message)` reports success.
 */
export function makeDialogs(world, { onDone }) {
  const as = () => world.person.id;

  function addChannel() {
    const name = textField("Name", "news", 100);
    const type = h(
      "select",
      { class: "field" },
      h("option", { value: "0" }, "Text"),
      h("option", { value: "5" }, "Announcement"),
      h("option", { value: String(FORUM) }, "Forum"),
    );
    const tags = textField("Tags, separated by commas", "AI, Science", 400);
    tags.input.required = false;
    tags.label.hidden = true;
    type.addEventListener("change", () => {
      tags.label.hidden = type.value !== String(FORUM);
    });
    const tagNames = () =>
      tags.input.value
        .split(",")
        .map((tag) => tag.trim())
        .filter(Boolean);
    openDialog({
      title: "Add a channel",
      submitLabel: "Add",
      content: [name.label, h("label", { class: "field-label" }, "Type", type), tags.label],
      save: async () => {
        const kind = Number(type.value);
        await api.addChannel(as(), world.guildId, name.input.value.trim(), kind, tagNames());
        onDone(`Added #${name.input.value.trim()}.`);
      },
    });
  }

  function addRole() {
    const name = textField("Name", "News readers", 100);
    const manageServer = h("input", { type: "checkbox", class: "switch" });
    openDialog({
      title: "Add a role",
      submitLabel: "Add",
      content: [
        name.label,
        h(
          "label",
          { class: "check-row" },
          manageServer,
          h("span", null, "Manage Server", h("small", null, "can use /subscriptions")),
        ),
      ],
      save: async () => {
        await api.addRole(
          as(),
          world.guildId,
          name.input.value.trim(),
          manageServer.checked ? MANAGE_SERVER : "0",
        );
        onDone(`Added @${name.input.value.trim()}.`);
      },
    });
  }

  function channelSettings(channel) {
    const own = channel.permission_overwrites?.find(
      (overwrite) => overwrite.id === world.bot.user.id,
    );
    const denied = BigInt(own?.deny ?? 0);
    const checkboxes = BOT_PERMISSIONS.map(([name, bit]) =>
      h("input", {
        type: "checkbox",
        class: "switch",
        value: name,
        checked: (denied & bit) === 0n,
      }),
    );
    const rows = BOT_PERMISSIONS.map(([name, , reason], index) =>
      h(
        "label",
        { class: "check-row" },
        checkboxes[index],
        h("span", null, name, h("small", null, reason)),
      ),
    );
    const removeButton = h(
      "button",
      { type: "button", class: "button button-danger" },
      "Delete channel",
    );
    const dialog = openDialog({
      title: `#${channel.name}`,
      submitLabel: "Save",
      content: [h("fieldset", null, h("legend", null, "Bot permissions"), rows)],
      save: async () => {
        await api.denyBotPermissions(
          as(),
          channel.id,
          checkboxes.filter((box) => !box.checked).map((box) => box.value),
        );
        onDone(`Saved the bot's permissions in #${channel.name}.`);
      },
      extraButton: removeButton,
    });
    removeButton.addEventListener("click", async () => {
      if (removeButton.textContent !== "Really delete?") {
        removeButton.textContent = "Really delete?";
        return;
      }
      await dialog.runAndClose(async () => {
        await api.deleteChannel(as(), channel.id);
        onDone(`Deleted #${channel.name}.`);
      });
    });
  }

  return { addChannel, addRole, channelSettings };
}

function textField(label, placeholder, maxlength) {
  const input = h("input", {
    class: "field",
    type: "text",
    required: true,
    maxlength,
    placeholder,
    autocomplete: "off",
  });
  return { input, label: h("label", { class: "field-label" }, label, input) };
}
