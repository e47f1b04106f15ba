// The state of the page: people, servers, messages. Views listen to its events and read its fields;
// only this module changes them.
//
// Events: "people", "guilds", "commands", "actions", "bot", "connection", "selection", "messages"
// (a whole list), "message" {detail: {kind, message}}, "thread" {detail: a new or changed thread},
// "target" {detail: id of a message to show}, "modal" {detail: {interaction_id, modal}}, "request", "failure", "step" {detail: a first step that
// the person took}.

import * as api from "./api.js";
import {
  channelTitle,
  compareIds,
  DIRECT_MESSAGES,
  isForum,
  isReadable,
  isThread,
  newestFirst,
} from "./channels.js";
import { connectEvents } from "./events.js";
import { loadPreference, savePreference } from "./preferences.js";
import { ReadMarks } from "./read-marks.js";

const ADMINISTRATOR = 1n << 3n;
const MAX_DISMISSED = 100;
const GUILD_CONTEXT = 0;
const DIRECT_CONTEXT = 1;

export class World extends EventTarget {
  bot = { user: null, online: false };
  people = [];
  guilds = [];
  directChannels = []; // of the person with the bot
  commands = [];
  actions = [];
  faults = []; // failures that can be simulated
  person = null;
  guildId = null; // or DIRECT_MESSAGES
  channelId = null;
  connected = false;
  #readMarks = null;
  #latestPlaces = new Map(); // guild id → id of the channel that was open there
  #messages = new Map(); // channel id → {list: oldest first, complete: nothing older exists}
  #dismissed = new Set((loadPreference("dismissed") ?? "").split(","));
  #waiting = null; // events that arrive while state is being fetched
  #stop = null;

  get guild() {
    return this.guilds.find((guild) => guild.id === this.guildId) ?? null;
  }
  get channel() {
    return this.#channelsIn(this.guildId).find(({ id }) => id === this.channelId) ?? null;
  }
  get isAdmin() {
    return this.person?.admin_of?.includes(this.guildId) ?? false;
  }
  get isAdminSomewhere() {
    return (this.person?.admin_of?.length ?? 0) > 0;
  }
  get messages() {
    const list = this.#messages.get(this.channelId)?.list;
    return list?.filter((message) => !this.#dismissed.has(message.id)) ?? null;
  }
  get hasOlder() {
    return !(this.#messages.get(this.channelId)?.complete ?? true);
  }

  /** Act as the person of the last visit; on the first visit as the first person, an admin. */
  start() {
    this.actAs(loadPreference("person"));
  }

  /** Switch to a person; permissions and ephemeral messages differ, so everything is reloaded. */
  actAs(personId) {
    savePreference("person", personId ?? "");
    this.#stop?.();
    const findPerson = async () => {
      const { people } = await api.fetchState(null);
      this.person = people.find((person) => person.id === personId) ?? people[0];
      return this.person.id;
    };
    this.#stop = connectEvents(findPerson, {
      onOpen: () => this.#reload(this.person),
      onEvent: (event) => (this.#waiting ? this.#waiting.push(event) : this.#apply(event)),
      onLost: () => this.#setConnected(false),
    });
  }

  async #reload(person) {
    const waiting = (this.#waiting = []);
    try {
      const state = await api.fetchState(person.id);
      if (this.person.id !== person.id) return;
      Object.assign(this, {
        bot: state.bot,
        people: state.people,
        guilds: state.guilds,
        directChannels: state.direct_channels,
        commands: state.commands,
        actions: state.actions,
        faults: state.faults,
      });
      this.person = state.people.find((other) => other.id === person.id) ?? person;
      this.#messages.clear();
      this.#readMarks = new ReadMarks(person.id, this.#allChannels);
      for (const name of ["people", "bot", "commands", "actions"]) this.#emit(name);
      this.#select(...this.#placeFromAddress());
      await this.#fetchMessages(this.channelId);
      this.#setConnected(true);
    } catch (error) {
      this.#emit("failure", { message: error.message });
      throw error;
    } finally {
      if (this.#waiting === waiting) this.#waiting = null;
    }
    waiting.forEach((event) => this.#apply(event));
  }

  /**
   * The place named in the address (#guild/channel) if it still exists, else the first channel that
   * can be read.
   */
  #placeFromAddress() {
    const [wanted, channelId] = location.hash.slice(1).split("/");
    const isKnown = wanted === DIRECT_MESSAGES || this.guilds.some(({ id }) => id === wanted);
    const guildId = isKnown ? wanted : (this.guilds[0]?.id ?? DIRECT_MESSAGES);
    const channels = this.#channelsIn(guildId).filter(
      (channel) => channel.visible !== false && isReadable(channel),
    );
    const find = (id) => channels.find((other) => other.id === id);
    const channel = find(channelId) ?? find(this.#latestPlaces.get(guildId)) ?? channels[0];
    return [guildId, channel?.id ?? null];
  }

  /** The channels of a server, then its threads; or the direct messages. */
  #channelsIn(guildId) {
    if (guildId === DIRECT_MESSAGES) return this.directChannels;
    const guild = this.guilds.find(({ id }) => id === guildId);
    return guild ? [...guild.channels, ...guild.threads] : [];
  }

  get #allChannels() {
    const places = [DIRECT_MESSAGES, ...this.guilds.map(({ id }) => id)];
    return places.flatMap((place) => this.#channelsIn(place));
  }

  isUnread(channel) {
    return channel.visible !== false && this.#readMarks.isUnread(channel);
  }

  /** Whether a channel is unread, or one of its threads that is newer than what was read there. */
  isUnreadWithThreads(channel) {
    return (
      this.isUnread(channel) ||
      this.threadsOf(channel).some(
        (thread) => this.isUnread(thread) && this.#readMarks.isUnread(channel, thread),
      )
    );
  }

  /** Whether a server, or the direct messages, have something unread. */
  hasUnread(guildId) {
    return this.#channelsIn(guildId).some(
      (channel) => !isThread(channel) && this.isUnreadWithThreads(channel),
    );
  }

  /** The threads of a channel that the person can see, newest first. */
  threadsOf(channel) {
    return this.#channelsIn(channel.guild_id)
      .filter(({ parent_id, visible }) => parent_id === channel.id && visible !== false)
      .filter(isThread)
      .sort(newestFirst);
  }

  #markRead() {
    const { channel } = this;
    if (channel) this.#readMarks.markRead(channel, isForum(channel) ? this.threadsOf(channel) : []);
  }

  /** The channel of a thread. */
  parentOf(thread) {
    return this.guild?.channels.find(({ id }) => id === thread.parent_id) ?? null;
  }

  /** The thread under a message, which has the same id, or undefined. */
  threadUnder(message) {
    return message.channel_id === message.id
      ? undefined
      : this.guild?.threads.find(({ id }) => id === message.id);
  }

  /** Archive, reopen, lock or unlock a thread. */
  async changeThread(thread, change) {
    this.#applyThread(await api.updateThread(this.person.id, thread.id, change));
  }

  #select(guildId, channelId) {
    this.guildId = guildId;
    this.channelId = channelId;
    this.#latestPlaces.set(guildId, channelId);
    this.#markRead();
    if (channelId) history.replaceState(null, "", `#${guildId}/${channelId}`);
    this.#emit("guilds");
    this.#emit("selection");
  }

  /** Show the place in the address after a click on a link such as #guild/channel/message. */
  async goToAddress() {
    const [, , messageId] = location.hash.slice(1).split("/");
    const [guildId, channelId] = this.#placeFromAddress();
    this.#select(guildId, channelId);
    if (!this.#messages.has(channelId)) await this.#fetchMessages(channelId);
    if (messageId) await this.#goToMessage(messageId);
  }

  async #goToMessage(messageId) {
    const isMissing = () => compareIds(messageId, this.messages?.[0]?.id ?? messageId) < 0;
    while (isMissing() && this.hasOlder) await this.fetchOlder();
    this.#emit("target", messageId);
  }

  async #fetchMessages(channelId, before) {
    if (channelId === null) return;
    const page = await api.fetchMessages(this.person.id, channelId, before);
    const known = this.#messages.get(channelId)?.list ?? [];
    const fetched = new Set(page.map((message) => message.id));
    const list = [...page, ...known.filter((message) => !fetched.has(message.id))];
    list.sort((left, right) => compareIds(left.id, right.id));
    this.#messages.set(channelId, { list, complete: page.length < 50 });
    if (channelId === this.channelId) this.#emit("messages");
  }

  async fetchOlder() {
    const list = this.#messages.get(this.channelId)?.list;
    if (this.hasOlder && list?.length) await this.#fetchMessages(this.channelId, list[0].id);
  }

  /** Dismiss an ephemeral message in this browser only, as in Discord. */
  dismiss(message) {
    this.#dismissed.add(message.id);
    savePreference("dismissed", [...this.#dismissed].slice(-MAX_DISMISSED).join(","));
    this.#emit("message", { kind: "delete", message });
  }

  #apply({ type, data }) {
    if (type.startsWith("message_")) this.#applyMessage(type.slice("message_".length), data);
    else if (type === "thread") this.#applyThread(data);
    else if (type === "thread_delete") this.#removeThread(data);
    else if (type === "guild_update") this.#applyGuild(data);
    else if (type === "guild_delete") this.#leaveGuild(data.id);
    else if (type === "commands") {
      this.commands = data;
      this.#emit("commands");
    } else if (type === "bot") {
      this.bot = { ...this.bot, ...data };
      this.#emit("bot");
    } else if (type === "request") this.#emit("request", data);
    else if (type === "modal") this.#emit("modal", data);
    else if (type === "interaction_failed") this.#emit("failure", data);
  }

  #applyMessage(kind, message) {
    const entry = this.#messages.get(message.channel_id);
    const index = entry?.list.findIndex((other) => other.id === message.id) ?? -1;
    if (entry && kind === "delete" && index >= 0) entry.list.splice(index, 1);
    else if (entry && kind !== "delete" && index >= 0) entry.list[index] = message;
    else if (entry && kind === "create") entry.list.push(message);
    const isOpen = message.channel_id === this.channelId;
    if (kind === "create") this.#countMessage(message, isOpen);
    if (isOpen)
      this.#emit("message", { kind: kind === "create" && index >= 0 ? "update" : kind, message });
  }

  #countMessage(message, isOpen) {
    const channel = this.#allChannels.find(({ id }) => id === message.channel_id);
    if (channel === undefined) return;
    channel.last_message_id = message.id;
    if (isThread(channel) && message.id !== channel.id) channel.message_count += 1;
    if (isOpen || channel.parent_id === this.channelId) this.#markRead();
    if (isThread(channel)) this.#emit("thread", channel);
    if (isThread(channel) || !isOpen) this.#emit("guilds");
  }

  #applyThread(thread) {
    const threads = this.guilds.find(({ id }) => id === thread.guild_id)?.threads;
    if (threads === undefined) return;
    const index = threads.findIndex(({ id }) => id === thread.id);
    if (index >= 0) threads[index] = thread;
    else threads.push(thread);
    this.#emit("thread", thread);
    this.#emit("guilds");
  }

  #removeThread({ id, guild_id }) {
    const guild = this.guilds.find((other) => other.id === guild_id);
    if (guild === undefined) return;
    const threads = guild.threads.filter((thread) => thread.id !== id);
    this.#applyGuild({ ...guild, threads });
  }

  #applyGuild(guild) {
    const index = this.guilds.findIndex((other) => other.id === guild.id);
    if (index >= 0) this.guilds[index] = guild;
    else this.guilds.push(guild);
    const channel = this.channel;
    if (channel && channel.visible !== false) this.#emit("guilds");
    else this.goToAddress().catch((error) => this.#emit("failure", { message: error.message }));
  }

  #leaveGuild(id) {
    this.guilds = this.guilds.filter((guild) => guild.id !== id);
    this.goToAddress().catch((error) => this.#emit("failure", { message: error.message }));
  }

  /** Report that the person did something that may be one of the first steps. */
  completeStep(step) {
    this.#emit("step", step);
  }

  #setConnected(connected) {
    this.connected = connected;
    this.#emit("connection");
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** The commands that the bot has here, also for other people. */
  get commandsHere() {
    return this.commands.filter((command) =>
      isOffered(command, this.guildId === DIRECT_MESSAGES),
    );
  }

  /**
   * Whether the person may use a command, by its default permissions; the server checks it again.
   */
  mayUse(command) {
    if (this.guildId === DIRECT_MESSAGES) return true;
    const needed = command.default_member_permissions;
    if (needed === null || needed === undefined || this.isAdmin) return true;
    const member = this.guild?.members.find((other) => other.user.id === this.person.id);
    const roles =
      this.guild?.roles.filter(
        (role) => role.id === this.guildId || member?.roles.includes(role.id),
      ) ?? [];
    const granted = roles.reduce((sum, role) => sum | BigInt(role.permissions), 0n);
    return (
      BigInt(needed) !== 0n &&
      ((granted & ADMINISTRATOR) !== 0n || (granted & BigInt(needed)) === BigInt(needed))
    );
  }

  /** Why a command of this name can't be used here, for a person. */
  whyUnavailable(path) {
    if (this.commands.length === 0) return "The bot has registered no commands yet.";
    const command = this.commands.find(({ name }) => name === path.split(" ")[0]);
    if (command === undefined) return `The bot has no command /${path}.`;
    const inDirectMessages = this.guildId === DIRECT_MESSAGES;
    if (!isOffered(command, inDirectMessages))
      return `/${path} can't be used ${inDirectMessages ? "in direct messages" : "in servers"}.`;
    return `/${path} is for admins. Act as an admin to use it.`;
  }

  /** The options of selects of people, roles and channels, by the type of the select. */
  get entityOptions() {
    const named = (user) => user.global_name ?? user.username;
    const people = (this.guild?.members ?? []).map(({ user }) => ({
      value: user.id,
      label: `@${named(user)}`,
    }));
    const roles = (this.guild?.roles ?? []).map((role) => ({
      value: role.id,
      label: `@${role.name.replace(/^@/, "")}`,
    }));
    const channels = this.#channelsIn(this.guildId)
      .filter((channel) => channel.visible !== false)
      .map((channel) => ({
        value: channel.id,
        label: channelTitle(channel),
        type: channel.type,
      }));
    return { 5: people, 6: roles, 7: [...people, ...roles], 8: channels };
  }

  addressOf(channel) {
    return `#${channel.guild_id ?? DIRECT_MESSAGES}/${channel.id}`;
  }

  /** Names of the people, roles and channels that a message mentions; see markdown-inline.js. */
  mentionContext(message) {
    const named = (user) => user && (user.global_name ?? user.username);
    return {
      userName: (id) =>
        named(message?.mentions?.find((user) => user.id === id)) ??
        named(this.guild?.members.find((member) => member.user.id === id)?.user),
      role: (id) => this.guild?.roles.find((role) => role.id === id),
      channel: (id) => {
        const channel = this.#allChannels.find((other) => other.id === id);
        return channel && { name: channelTitle(channel), href: this.addressOf(channel) };
      },
      hasCommand: (id) => this.commands.some((command) => command.id === id),
    };
  }
}

/** Whether a command is for servers, or for direct messages with the bot. */
function isOffered({ contexts, dm_permission }, inDirectMessages) {
  if (contexts) return contexts.includes(inDirectMessages ? DIRECT_CONTEXT : GUILD_CONTEXT);
  return !inDirectMessages || dm_permission !== false;
}
