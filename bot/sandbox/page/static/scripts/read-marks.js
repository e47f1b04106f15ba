// What a person has read: the newest message of each channel that was open, and of the threads in its
// list, kept by the browser. Older messages than the first visit count as read, except for direct
// messages.

import { compareIds, DIRECT } from "./channels.js";
import { loadPreference, savePreference } from "./preferences.js";

const NOTHING = "0";

export class ReadMarks {
  #name;
  #start; // the newest message at the first visit
  #marks; // channel id → id of the newest message that was read

  constructor(personId, channels) {
    this.#name = `read:${personId}`;
    const saved = parse(loadPreference(this.#name));
    const newest = channels.map(lastMessage).sort(compareIds).at(-1) ?? NOTHING;
    this.#start = saved?.start ?? newest;
    const known = new Set(channels.map((channel) => channel.id));
    this.#marks = new Map(Object.entries(saved?.marks ?? {}).filter(([id]) => known.has(id)));
    this.#save();
  }

  /** Whether a channel, or the thread of a channel, has a message since the channel was open. */
  isUnread(channel, thread = channel) {
    const start = channel.type === DIRECT ? NOTHING : this.#start;
    return compareIds(lastMessage(thread), this.#marks.get(channel.id) ?? start) > 0;
  }

  /** The channel is open, with a list of these threads. */
  markRead(channel, threads) {
    const newest = [channel, ...threads].map(lastMessage).sort(compareIds).at(-1);
    if (newest === this.#marks.get(channel.id)) return;
    this.#marks.set(channel.id, newest);
    this.#save();
  }

  #save() {
    const marks = Object.fromEntries(this.#marks);
    savePreference(this.#name, JSON.stringify({ start: this.#start, marks }));
  }
}

const lastMessage = (channel) => channel.last_message_id ?? NOTHING;

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // another version of the page wrote it
  }
}
