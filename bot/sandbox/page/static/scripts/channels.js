// Kinds of channels, and what their ids say: order and time. Pure: no DOM, no network.

// https://discord.com/developers/docs/resources/channel#channel-object-channel-types
export const DIRECT = 1;
export const CATEGORY = 4;
export const FORUM = 15;
const READABLE = new Set([0, DIRECT, 2, 5, 10, 11, 12, FORUM]);

/** The place of direct messages, where a server's id would be, as in Discord's addresses. */
export const DIRECT_MESSAGES = "@me";

export const isReadable = (channel) => READABLE.has(channel.type);
export const isForum = (channel) => channel?.type === FORUM;
export const isThread = (channel) => channel?.thread_metadata !== undefined;
export const isArchived = (channel) => channel?.thread_metadata?.archived ?? false;
export const isLocked = (channel) => channel?.thread_metadata?.locked ?? false;

/** How a channel is called: only threads and direct messages have no "#". */
export const channelTitle = (channel) =>
  isThread(channel) || channel.type === DIRECT ? channel.name : `#${channel.name}`;

/**
 * Ids exceed the precision of a number; a longer one is newer, equal lengths compare as text.
 */
export const compareIds = (left, right) =>
  left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);

const FIRST_ID = 1_420_070_400_000; // the time of the id 0, in milliseconds

/** When something was created, by its id. */
export const createdAt = (id) => new Date(Number(BigInt(id) >> 22n) + FIRST_ID);

export const newestFirst = (left, right) => compareIds(right.id, left.id);
