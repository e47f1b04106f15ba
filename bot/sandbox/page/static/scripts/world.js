// The state of the page: people, servers, messages. Views listen to its events and read its fields;
// only this module changes them.
//
// Events: "people", "guilds", "commands", "actions", "bot", "connection", "selection", "messages"
// (a whole list), "message" {detail: {kind, message}}, "modal" {detail: {interaction_id, modal}},
// "request", "failure", "step" {detail: a first step that the person took}.

import * as api from "./api.js";
import { connectEvents } from "./events.js";
import { loadPreference, savePreference } from "./preferences.js";

const ADMINISTRATOR = 1n << 3n;
const MAX_DISMISSED = 100;
const TEXT_CHANNELS = new Set([0, 2, 5, 10, 11, 12]);

export const isReadable = (channel) => TEXT_CHANNELS.has(channel.type);

/**
 * Ids exceed the precision of a number; a longer one is newer, equal lengths compare as text.
 */
const compareIds = (left, right) =>
  left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);

export class World extends EventTarget {
  bot = { user: null, online: false };
  people = [];
  guilds = [];
  commands = [];
  actions = [];
  faults = []; // failures that can be simulated
  person = null;
  guildId = null;
  channelId = null;
  connected = false;
  unread = new Set();
  #messages = new Map(); // channel id → {list: oldest first, complete: nothing older exists}
  #dismissed = new Set((loadPreference("dismissed") ?? "").split(","));
  #waiting = null; // events that arrive while state is being fetched
  #stop = null;

  get guild() {
    return this.guilds.find((guild) => guild.id === this.guildId) ?? null;
  }
  get channel() {
    return this.guild?.channels.find((channel) => channel.id === this.channelId) ?? null;
  }
  get isAdmin() {
    return this.person?.admin_of?.includes(this.guildId) ?? false;
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
        commands: state.commands,
        actions: state.actions,
        faults: state.faults,
      });
      this.person = state.people.find((other) => other.id === person.id) ?? person;
      this.#messages.clear();
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
    const [guildId, channelId] = location.hash.slice(1).split("/");
    const guild = this.guilds.find((other) => other.id === guildId) ?? this.guilds[0];
    const channels =
      guild?.channels.filter((channel) => channel.visible !== false && isReadable(channel)) ?? [];
    const channel = channels.find((other) => other.id === channelId) ?? channels[0];
    return [guild?.id ?? null, channel?.id ?? null];
  }

  #select(guildId, channelId) {
    this.guildId = guildId;
    this.channelId = channelId;
    this.unread.delete(channelId);
    if (channelId) history.replaceState(null, "", `#${guildId}/${channelId}`);
    this.#emit("guilds");
    this.#emit("selection");
  }

  /** Show the channel in the address after a click on a link such as #guild/channel. */
  async goToAddress() {
    const [guildId, channelId] = this.#placeFromAddress();
    this.#select(guildId, channelId);
    if (!this.#messages.has(channelId)) await this.#fetchMessages(channelId);
  }

  async #fetchMessages(channelId, before) {
    if (channelId === null) return;
    const newestFirst = await api.fetchMessages(this.person.id, channelId, before);
    const known = this.#messages.get(channelId)?.list ?? [];
    const fetched = new Set(newestFirst.map((message) => message.id));
    const list = [...newestFirst.reverse(), ...known.filter((message) => !fetched.has(message.id))];
    list.sort((left, right) => compareIds(left.id, right.id));
    this.#messages.set(channelId, { list, complete: newestFirst.length < 50 });
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
    if (message.channel_id === this.channelId) {
      this.#emit("message", { kind: kind === "create" && index >= 0 ? "update" : kind, message });
    } else if (kind === "create") {
      this.unread.add(message.channel_id);
      this.#emit("guilds");
    }
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

  /**
   * Whether the person may use a command, by its default permissions; the server checks it again.
   */
  mayUse(command) {
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
    const channels = (this.guild?.channels ?? [])
      .filter((channel) => channel.visible !== false)
      .map(({ id, name, type }) => ({ value: id, label: `#${name}`, type }));
    return { 5: people, 6: roles, 7: [...people, ...roles], 8: channels };
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
        const channel = this.guild?.channels.find((other) => other.id === id);
        return channel && { name: channel.name, href: `#${this.guildId}/${channel.id}` };
      },
      hasCommand: (id) => this.commands.some((command) => command.id === id),
    };
  }
}
