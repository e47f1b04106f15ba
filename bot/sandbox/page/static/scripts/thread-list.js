// Lists of threads: the posts of a forum in place of messages, and a dialog for other channels.

import { createdAt, isArchived, isForum, isLocked } from "./channels.js";
import { openDialog } from "./dialog.js";
import { h, icon, redrawKeepingFocus } from "./dom.js";
import { timeElement } from "./time.js";

const nameOf = (user) => user?.global_name ?? user?.username ?? "unknown";

/** The number of messages of a thread, without the one that it was started with. */
export const replyCount = ({ message_count: count }) =>
  count === 0 ? "no replies" : count === 1 ? "1 reply" : `${count} replies`;

/** The marks of a thread that is archived or locked. */
export const threadMarks = (thread) => [
  isArchived(thread) ? h("span", { class: "mark" }, icon("archive"), "Archived") : null,
  isLocked(thread) ? h("span", { class: "mark" }, icon("lock"), "Locked") : null,
];

/** The tags of a forum's post. */
export const tagList = (world, thread) => {
  const known = world.parentOf(thread)?.available_tags ?? [];
  return (thread.applied_tags ?? [])
    .map((id) => known.find((tag) => tag.id === id)?.name)
    .filter((name) => name !== undefined)
    .map((name) => h("span", { class: "post-tag" }, name));
};

function threadItem(world, thread) {
  const owner = world.guild.members.find((member) => member.user.id === thread.owner_id)?.user;
  const unread = world.isUnread(thread);
  const tags = tagList(world, thread);
  return h(
    "li",
    null,
    h(
      "a",
      { class: "post", href: world.addressOf(thread), "data-unread": unread },
      tags.length > 0 ? h("span", { class: "post-tags" }, tags) : null,
      h("span", { class: "post-title" }, thread.name),
      h(
        "span",
        { class: "post-facts" },
        h("span", null, nameOf(owner)),
        timeElement(createdAt(thread.id), "R"),
        h("span", null, replyCount(thread)),
        threadMarks(thread),
        unread ? h("span", { class: "visually-hidden" }, "new messages") : null,
      ),
    ),
  );
}

const threadItems = (world, channel) =>
  h(
    "ol",
    { class: "posts" },
    world.threadsOf(channel).map((thread) => threadItem(world, thread)),
  );

/** Show the list of posts while a forum is open; a forum has no messages and no command box. */
export function mountForum(world) {
  const view = document.getElementById("posts");
  const elsewhere = ["message-scroll", "command-box"].map((id) => document.getElementById(id));
  const show = () => {
    const forum = isForum(world.channel) ? world.channel : null;
    view.hidden = forum === null;
    for (const element of elsewhere) element.hidden = forum !== null;
    if (forum === null) return;
    const tags = (forum.available_tags ?? []).map(({ name }) => name);
    const isEmpty = world.threadsOf(forum).length === 0;
    redrawKeepingFocus(
      view,
      h(
        "p",
        { class: "posts-about" },
        tags.length > 0 ? `Tags of this forum: ${tags.join(", ")}.` : "This forum has no tags.",
      ),
      isEmpty ? h("p", { class: "posts-about" }, "No posts yet.") : threadItems(world, forum),
      h(
        "p",
        { class: "posts-about" },
        "A forum contains only posts: commands are typed in other channels, or in a post.",
      ),
    );
  };
  for (const name of ["selection", "guilds"]) world.addEventListener(name, show);
}

/** Open the list of all threads of a channel that isn't a forum. */
export function openThreadDialog(world, channel) {
  const list = threadItems(world, channel);
  const dialog = openDialog({
    title: `Threads of #${channel.name}`,
    submitLabel: "Close",
    cancelLabel: null,
    isWide: true,
    content: [list],
    save: () => undefined,
  });
  list.addEventListener("click", (event) => {
    if (event.target.closest("a")) dialog.runAndClose(() => undefined);
  });
}
