// Renders one message of a channel: author, time, content and components.

import { useComponent } from "./api.js";
import { renderComponents } from "./components.js";
import { externalLink, h, icon, initials } from "./dom.js";
import { renderEmbed } from "./embed.js";
import { renderMarkdown } from "./markdown.js";
import { picture } from "./picture.js";
import { replyCount, threadMarks } from "./thread-list.js";
import { timeElement } from "./time.js";

const CROSSPOSTED = 1 << 0;
const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const SUPPRESS_EMBEDS = 1 << 2;
const SUPPRESS_NOTIFICATIONS = 1 << 12;
const COMPONENT = 3; // the type of an interaction with a button or a select
const MODAL = 5; // the type of a submitted modal
const GROUPING_MILLISECONDS = 7 * 60_000; // an author's next message within this time has no header

const nameOf = (user) => user.global_name ?? user.username;
const invocation = (message) => message.interaction_metadata ?? message.interaction ?? null;

/**
 * Whether a message continues the one before it: same author, soon after, not an answer to a
 * command.
 */
export function isContinuation(message, previous) {
  if (
    !previous ||
    previous.author.id !== message.author.id ||
    invocation(message) ||
    message.webhook_id !== previous.webhook_id
  )
    return false;
  return (
    (message.flags & CROSSPOSTED) === (previous.flags & CROSSPOSTED) &&
    (message.flags & EPHEMERAL) === (previous.flags & EPHEMERAL) &&
    (message.flags & SUPPRESS_NOTIFICATIONS) === (previous.flags & SUPPRESS_NOTIFICATIONS) &&
    new Date(message.timestamp) - new Date(previous.timestamp) < GROUPING_MILLISECONDS
  );
}

/** Whether a message is the bot's answer to a command, a button or a form of this person. */
export const isAnswerTo = (message, person) => invocation(message)?.user?.id === person.id;

/** The text that a screen reader announces when a message arrives. */
export function messageSummary(message) {
  const embed = message.embeds?.[0];
  const text = embed?.title ?? embed?.description ?? (message.content || firstText(message));
  return `${nameOf(message.author)}: ${(message.flags & LOADING) !== 0 ? "is thinking" : text.slice(0, 140)}`;
}

/** The first text of a message that consists of components. */
function firstText(message) {
  const texts = (each) => (each.content ? [each.content] : (each.components ?? []).flatMap(texts));
  return texts(message)[0] ?? "";
}

/**
 * A list item. `world` resolves names and runs interactions; `onFailure` reports errors.
 */
export function renderMessage(message, { world, isContinued, onFailure }) {
  const context = world.mentionContext(message);
  const ephemeral = (message.flags & EPHEMERAL) !== 0;
  const isThinking = (message.flags & LOADING) !== 0;
  const item = h(
    "li",
    { class: "message", "data-id": message.id },
    invocationLine(message),
    isContinued
      ? timeElement(message.timestamp, "t", "message-margin-time")
      : initials(nameOf(message.author), message.author.bot ? "avatar avatar-bot" : "avatar"),
    h(
      "div",
      { class: "message-body" },
      isContinued ? null : header(message),
      isThinking
        ? h(
            "p",
            { class: "thinking" },
            h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
            `${nameOf(message.author)} is thinking…`,
          )
        : null,
      content(message, context),
      attachments(message),
      (message.flags & SUPPRESS_EMBEDS) !== 0
        ? null
        : h(
            "div",
            { class: "embeds" },
            (message.embeds ?? []).map((embed) => renderEmbed(embed, context)),
          ),
      components(message, context, world, onFailure),
      threadLink(message, world),
      ephemeral ? ephemeralNotice(message, world) : null,
    ),
  );
  if (isContinued) item.classList.add("is-continued");
  if (ephemeral) item.classList.add("is-ephemeral");
  if (mentionsMe(message, world)) item.classList.add("is-mention");
  return item;
}

function invocationLine(message) {
  const from = invocation(message);
  const user = from?.user;
  if (!user) return null;
  const name = message.interaction?.name ?? from.name;
  const description =
    from.type === COMPONENT
      ? [" used a button"]
      : from.type === MODAL
        ? [" submitted a form"]
        : [" used ", h("span", { class: "mention" }, name ? `/${name}` : "a command")];
  return h(
    "div",
    { class: "invocation" },
    initials(nameOf(user), "avatar-small"),
    h("span", null, h("b", null, nameOf(user)), ...description),
  );
}

function header(message) {
  return h(
    "div",
    { class: "message-header" },
    h(
      "span",
      { class: "message-author", role: "heading", "aria-level": "3" },
      nameOf(message.author),
    ),
    message.author.bot ? h("span", { class: "tag" }, "App") : null,
    timeElement(message.timestamp, "chat", "message-time"),
    (message.flags & SUPPRESS_NOTIFICATIONS) !== 0
      ? h(
          "span",
          { class: "silent", title: "Sent without a notification", "aria-label": "silent" },
          icon("bellOff"),
        )
      : null,
    (message.flags & CROSSPOSTED) !== 0 ? h("span", { class: "tag" }, "Published") : null,
    message.content ? null : editedLabel(message),
  );
}

function content(message, context) {
  if (!message.content) return null;
  return h(
    "div",
    { class: "message-content markdown" },
    renderMarkdown(message.content, context),
    editedLabel(message),
  );
}

function editedLabel(message) {
  if (!message.edited_timestamp || (message.flags & LOADING) !== 0) return null;
  return h(
    "span",
    { class: "edited", title: new Date(message.edited_timestamp).toLocaleString() },
    "(edited)",
  );
}

function attachments(message) {
  return (message.attachments ?? []).flatMap((file) => [
    h(
      "p",
      { class: "attachment" },
      externalLink(file.url, { class: "attachment-name" }, icon("file"), file.filename),
      h("span", { class: "muted" }, sizeOf(file)),
    ),
    file.width && file.height ? picture(file, "image") : null,
  ]);
}

const sizeOf = ({ size }) =>
  size < 1024 ? ` ${size} bytes` : ` ${Math.ceil(size / 1024).toLocaleString()} KB`;

function components(message, context, world, onFailure) {
  const onUse = async (component, values) => {
    try {
      await useComponent(world.person.id, message, component, values);
      world.completeStep(`press ${component.label}`);
    } catch (error) {
      onFailure(error.message);
      throw error;
    }
  };
  return renderComponents(message, context, { onUse, entityOptions: world.entityOptions });
}

/** The thread that was started under a message. */
function threadLink(message, world) {
  const thread = world.threadUnder(message);
  if (thread === undefined) return null;
  return h(
    "a",
    { class: "thread-link", href: world.addressOf(thread) },
    icon("thread"),
    h("b", null, thread.name),
    h("span", { class: "muted" }, replyCount(thread)),
    threadMarks(thread),
  );
}

function ephemeralNotice(message, world) {
  return h(
    "p",
    { class: "ephemeral" },
    icon("eye"),
    "Only you can see this · ",
    h(
      "button",
      { type: "button", class: "text-button", onclick: () => world.dismiss(message) },
      "Dismiss message",
    ),
  );
}

function mentionsMe(message, world) {
  const mine =
    world.guild?.members.find((member) => member.user.id === world.person?.id)?.roles ?? [];
  return (
    message.mention_everyone ||
    message.mentions?.some((user) => user.id === world.person?.id) ||
    message.mention_roles?.some((role) => mine.includes(role))
  );
}
