// The messages of the selected channel: drawn once, then updated as events arrive. Older ones are
// loaded on scrolling up. At the bottom new messages are followed; further up they are only counted,
// except for the answer to what the person did.

import { channelTitle, DIRECT, isThread } from "./channels.js";
import { h } from "./dom.js";
import { isAnswerTo, isContinuation, renderMessage, messageSummary } from "./message.js";
import { tagList } from "./thread-list.js";
import { dayOf } from "./time.js";
import { channelIcon } from "./sidebar.js";

const EDGE_PIXELS = 80; // closer to an edge than this counts as at the edge

export class ChannelView {
  #world;
  #onFailure;
  #fetching = false;
  #newBelow = 0; // messages that arrived while the person read further up
  #answer = null; // the id of the latest answer to the person, while it is followed

  constructor(world, { onFailure }) {
    this.#world = world;
    this.#onFailure = onFailure;
    this.scroll = document.getElementById("message-scroll");
    this.list = document.getElementById("messages");
    this.intro = document.getElementById("channel-intro");
    this.jumpButton = document.getElementById("jump-to-newest");
    this.announcer = document.getElementById("announcer");
    this.jumpButton.addEventListener("click", () => this.#toBottom());
    this.scroll.addEventListener("scroll", () => this.#scrolled());
    for (const name of ["wheel", "touchmove", "keydown", "pointerdown"])
      this.scroll.addEventListener(name, () => (this.#answer = null), { passive: true });
    // When the command box grows or a notice opens, keep the newest message visible.
    new ResizeObserver(() => this.atBottom && this.#toBottom()).observe(this.scroll);
    this.atBottom = true;
    world.addEventListener("selection", () => this.#showSelection());
    world.addEventListener("messages", () => this.draw());
    world.addEventListener("target", ({ detail }) => this.#showMessage(detail));
    world.addEventListener("thread", ({ detail }) => this.#showThread(detail));
    world.addEventListener("message", (event) => this.#applyMessageEvent(event.detail));
  }

  /** Scroll to a message that a link leads to; one that was deleted can't be shown. */
  #showMessage(id) {
    const item = [...this.list.children].find(({ dataset }) => dataset.id === id);
    if (item === undefined) return this.#onFailure("This message no longer exists.");
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "center" });
    this.atBottom = this.#isAtBottom;
  }

  #showSelection() {
    this.atBottom = true;
    this.#answer = null;
    if (this.#world.messages === null) {
      this.list.replaceChildren();
      this.list.setAttribute("aria-busy", "true");
      this.intro.hidden = true;
    } else this.draw();
  }

  draw() {
    const fromBottom = this.scroll.scrollHeight - this.scroll.scrollTop;
    const messages = this.#world.messages ?? [];
    this.list.replaceChildren(
      ...messages.flatMap((message, index) => this.#messageNodes(message, messages[index - 1])),
    );
    this.list.setAttribute("aria-busy", "false");
    this.#drawIntro();
    if (this.atBottom) this.#toBottom();
    else this.scroll.scrollTop = this.scroll.scrollHeight - fromBottom;
    this.#scrolled();
  }

  #drawIntro() {
    const channel = this.#world.channel;
    this.intro.hidden = channel === null || this.#world.hasOlder;
    if (channel === null) return;
    this.intro.replaceChildren(
      h("span", { class: "intro-icon" }, channelIcon(channel)),
      h("h2", null, introTitle(channel)),
      h("p", { class: "post-tags" }, isThread(channel) ? tagList(this.#world, channel) : []),
      h("p", null, introText(channel, this.#world.messages?.length > 0)),
    );
  }

  /** The elements of a message, preceded by a date separator on a new day. */
  #messageNodes(message, previous) {
    const day = dayOf(new Date(message.timestamp));
    const newDay = !previous || dayOf(new Date(previous.timestamp)) !== day;
    const isContinued = !newDay && isContinuation(message, previous);
    const item = renderMessage(message, {
      world: this.#world,
      isContinued,
      onFailure: this.#onFailure,
    });
    return newDay ? [h("li", { class: "day" }, h("span", null, day)), item] : [item];
  }

  #applyMessageEvent({ kind, message, isSilent = false }) {
    this.atBottom = this.#isAtBottom; // the event for the latest scrolling may be yet to come
    const messages = this.#world.messages ?? [];
    const index = messages.findIndex((other) => other.id === message.id);
    const old = [...this.list.children].find((item) => item.dataset.id === message.id);
    if (kind === "create") {
      this.list.append(...this.#messageNodes(message, messages[index - 1]));
      this.announcer.textContent = messageSummary(message);
      this.#drawIntro();
      if (isAnswerTo(message, this.#world.person)) this.#answer = message.id;
      else if (!this.atBottom) this.#countNew();
    } else if (kind === "update" && old && index >= 0) {
      this.#replace(old, this.#messageNodes(message, messages[index - 1]).at(-1));
      if (!isSilent) this.announcer.textContent = `Updated. ${messageSummary(message)}`;
    } else if (kind === "delete" && old) this.draw();
    if (message.id === this.#answer) this.#showAnswer();
    else if (this.atBottom) this.#toBottom();
  }

  /** Draw the message again under which a thread is. */
  #showThread(thread) {
    if (thread.parent_id !== this.#world.channelId) return;
    const message = this.#world.messages?.find(({ id }) => id === thread.id);
    if (message) this.#applyMessageEvent({ kind: "update", message, isSilent: true });
  }

  /** Replace a message and keep the keyboard focus on the same control, such as "Next". */
  #replace(old, fresh) {
    const control = old.contains(document.activeElement)
      ? document.activeElement.dataset.control
      : undefined;
    const isAbove = old.getBoundingClientRect().top < this.scroll.getBoundingClientRect().top;
    const height = this.scroll.scrollHeight;
    old.replaceWith(fresh);
    // What is being read stays where it is.
    if (isAbove) this.scroll.scrollTop += this.scroll.scrollHeight - height;
    if (control === undefined) return;
    const controls = [...fresh.querySelectorAll("[data-control]")];
    const same = controls.find(
      (element) => element.dataset.control === control && !element.disabled,
    );
    (same ?? controls.find((element) => !element.disabled))?.focus();
  }

  #countNew() {
    this.#newBelow += 1;
    this.jumpButton.hidden = false;
    this.jumpButton.textContent =
      this.#newBelow === 1 ? "1 new message below" : `${this.#newBelow} new messages below`;
  }

  /** Scroll to the answer to what the person did: to its beginning if it doesn't fit. */
  #showAnswer() {
    const answer = [...this.list.children].find(({ dataset }) => dataset.id === this.#answer);
    const overflows = answer?.offsetHeight > this.scroll.clientHeight;
    if (overflows) answer.scrollIntoView({ block: "start" });
    else if (answer === this.list.lastElementChild) this.#toBottom();
    else answer?.scrollIntoView({ block: "nearest" });
    this.atBottom = this.#isAtBottom;
  }

  get #isAtBottom() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    return scrollHeight - scrollTop - clientHeight < EDGE_PIXELS;
  }

  #toBottom() {
    this.atBottom = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.#hideJumpButton();
  }

  #hideJumpButton() {
    this.#newBelow = 0;
    this.jumpButton.hidden = true;
  }

  #scrolled() {
    this.atBottom = this.#isAtBottom;
    if (this.atBottom) this.#hideJumpButton();
    if (this.scroll.scrollTop < EDGE_PIXELS && this.#world.hasOlder && !this.#fetching) this.#fetchOlder();
  }

  async #fetchOlder() {
    this.#fetching = true;
    try {
      await this.#world.fetchOlder();
    } catch (error) {
      this.#onFailure(error.message);
    } finally {
      this.#fetching = false;
    }
  }
}

function introTitle(channel) {
  if (channel.type === DIRECT) return `Direct messages with ${channel.name}`;
  return isThread(channel) ? channel.name : `Welcome to ${channelTitle(channel)}`;
}

function introText(channel, hasMessages) {
  if (channel.type === DIRECT)
    return "The bot writes to admins here when something needs their attention, for example when it can no longer post in a channel.";
  if (isThread(channel)) return "This is the start of the thread.";
  if (channel.topic) return channel.topic;
  return hasMessages
    ? "This is the start of the channel."
    : "No messages yet. Stories appear here once the channel has a subscription.";
}
