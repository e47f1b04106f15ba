// Commands and their options: listing commands, parsing values, and building the option objects of
// Discord's API. Pure: no DOM, no network.
// https://discord.com/developers/docs/interactions/application-commands#application-command-object

import { CATEGORY, channelTitle } from "./channels.js";

export const TYPE = {
  SUBCOMMAND: 1,
  GROUP: 2,
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
  ATTACHMENT: 11,
};
const BOOLEANS = new Map([
  ["true", true],
  ["yes", true],
  ["false", false],
  ["no", false],
]);

export const typeName = (option) =>
  ({
    3: "text",
    4: "whole number",
    5: "true or false",
    6: "person",
    7: "channel",
    8: "role",
    9: "person or role",
    10: "number",
    11: "file",
  })[option.type] ?? "text";

/**
 * All commands, with subcommands flattened: [{path: "news latest", command, names, description,
 * options}].
 */
export function flattenCommands(commands) {
  const leaves = [];
  const visit = (command, node, names) => {
    const nested = (node.options ?? []).filter(
      (option) => option.type === TYPE.SUBCOMMAND || option.type === TYPE.GROUP,
    );
    for (const child of nested) visit(command, child, [...names, child]);
    if (nested.length > 0) return;
    const path = [command.name, ...names.map((name) => name.name)].join(" ");
    leaves.push({
      path,
      command,
      names,
      description: node.description,
      options: node.options ?? [],
    });
  };
  for (const command of commands) if ((command.type ?? 1) === 1) visit(command, command, []);
  return leaves;
}

/**
 * Parse the text after a command's name: "topics:AI min_quality:60", or bare text for the first
 * option.
 */
export function parseTyped(text, options) {
  const names = options
    .map((option) => option.name)
    .sort((left, right) => right.length - left.length);
  const values = new Map();
  if (names.length === 0) return values;
  const marks = [...text.matchAll(new RegExp(`(?:^|\\s)(${names.join("|")}):\\s*`, "gu"))];
  const bare = text.slice(0, marks[0]?.index ?? text.length).trim();
  if (bare !== "") values.set(options[0].name, bare);
  marks.forEach((mark, index) => {
    values.set(mark[1], text.slice(mark.index + mark[0].length, marks[index + 1]?.index).trim());
  });
  return values;
}

/**
 * Suggestions that don't need the bot: choices, true/false, channels, roles, people; in direct
 * messages, where `guild` is null, none of the last three. Null if the option has no fixed values.
 */
export function localSuggestions(option, guild) {
  const { type } = option;
  const people = () =>
    (guild?.members ?? []).map(({ user }) => ({
      label: `@${user.global_name ?? user.username}`,
      detail: user.bot ? "bot" : "",
      value: user.id,
    }));
  const roles = () =>
    (guild?.roles ?? [])
      .filter((role) => role.id !== guild.id)
      .map((role) => ({ label: `@${role.name}`, detail: "role", value: role.id }));
  if (option.choices?.length)
    return option.choices.map((choice) => ({
      label: choice.name,
      detail: "",
      value: choice.value,
    }));
  if (type === TYPE.BOOLEAN)
    return [
      { label: "true", detail: "yes", value: true },
      { label: "false", detail: "no", value: false },
    ];
  if (type === TYPE.USER) return people();
  if (type === TYPE.ROLE) return roles();
  if (type === TYPE.MENTIONABLE) return [...people(), ...roles()];
  if (type === TYPE.CHANNEL) {
    return [...(guild?.channels ?? []), ...(guild?.threads ?? [])]
      .filter((channel) => channel.visible !== false)
      .filter((channel) =>
        option.channel_types?.length
          ? option.channel_types.includes(channel.type)
          : channel.type !== CATEGORY,
      )
      .map((channel) => ({
        label: channelTitle(channel),
        detail: channel.topic ?? "",
        value: channel.id,
      }));
  }
  return null;
}

/** Parse the text typed for an option: {value}, or {error} with a message. */
export function readValue(option, text, guild) {
  const typed = text.trim();
  if (typed === "") return { error: `Enter a value for ${option.name}: ${option.description}` };
  const suggestions = localSuggestions(option, guild);
  if (suggestions !== null) return readChoice(option, typed, suggestions);
  if (option.type === TYPE.INTEGER || option.type === TYPE.NUMBER) return readNumber(option, typed);
  if (option.type === TYPE.ATTACHMENT)
    return { error: `${option.name} must be a file` };
  const length = [...typed].length;
  if (length < (option.min_length ?? 0))
    return { error: `${option.name} must have at least ${option.min_length} characters` };
  if (length > (option.max_length ?? 6000))
    return {
      error: `${option.name} must have at most ${option.max_length ?? 6000} characters, not ${length}`,
    };
  return { value: typed };
}

function readChoice(option, typed, suggestions) {
  const key = typed.toLowerCase();
  if (option.type === TYPE.BOOLEAN && BOOLEANS.has(key)) return { value: BOOLEANS.get(key) };
  const exact = suggestions.find(
    ({ label }) =>
      label.toLowerCase() === key || label.slice(1).toLowerCase() === key.replace(/^[#@]/, ""),
  );
  if (exact) return { value: exact.value };
  if (option.type === TYPE.BOOLEAN)
    return { error: `${option.name} must be true or false, not “${typed}”` };
  const kind = option.choices?.length ? "choice" : typeName(option);
  return {
    error: `${option.name}: there is no ${kind} “${typed}”. Choose one from the list.`,
  };
}

function readNumber(option, typed) {
  const whole = option.type === TYPE.INTEGER;
  if (!(whole ? /^[+-]?\d{1,16}$/ : /^[+-]?(\d+\.?\d*|\.\d+)$/).test(typed))
    return { error: `${option.name} must be a ${typeName(option)}, not “${typed}”` };
  const value = Number(typed);
  if (value < (option.min_value ?? -Infinity))
    return { error: `${option.name} must be ${option.min_value} or more` };
  if (value > (option.max_value ?? Infinity))
    return { error: `${option.name} must be ${option.max_value} or less` };
  return { value };
}

/** Discord's nested option objects for a command's values. */
export function optionObjects(leaf, values) {
  return leaf.names.reduceRight(
    (inner, node) => [{ name: node.name, type: node.type, options: inner }],
    values,
  );
}
