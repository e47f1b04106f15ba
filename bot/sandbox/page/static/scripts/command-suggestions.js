// The suggestions above the command box: commands, options, values. Pure: no DOM, no network.

/**
 * Commands that match the typed text; `mine` are the ones that the person may use.
 */
export function commandSuggestions(typed, mine, all) {
  const found = matchCommands(mine, typed);
  const hidden = all.length - mine.length;
  const more = `${hidden} more ${hidden === 1 ? "command is" : "commands are"} for admins. Act as an admin to use them.`;
  const needsAdmin = hidden > 0 ? more : "";
  const none =
    all.length === 0
      ? "The bot has registered no commands yet."
      : `No command matches “${typed}”. ${needsAdmin}`;
  const required = (leaf) =>
    leaf.options.filter((option) => option.required).map((option) => option.name);
  return {
    title: "Commands",
    items: found.map((leaf) => ({
      label: `/${leaf.path}`,
      detail: leaf.description,
      tag: required(leaf).join(" "),
      leaf,
    })),
    note: found.length === 0 ? none : needsAdmin,
  };
}

/** Options of a command that are not in use yet and start with the typed text. */
export function optionSuggestions(typed, leaf, remaining) {
  const fitting = remaining.filter((option) => option.name.startsWith(typed));
  return {
    title: `Options of /${leaf.path}`,
    items: fitting.map((option) => ({ label: option.name, detail: option.description, option })),
  };
}

export const choiceSuggestions = (choices) =>
  choices.map(({ name, value }) => ({ label: name, detail: "", value }));

/**
 * Best matches first: commands that start with the typed words, then those with the words in their
 * name, then in their description.
 */
function matchCommands(leaves, typed) {
  const words = typed.replace(/^\//, "").trim().toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (leaf) => {
    const path = leaf.path.toLowerCase();
    if (path.startsWith(words.join(" "))) return 0;
    if (words.every((word) => path.split(" ").some((part) => part.startsWith(word)))) return 1;
    if (words.every((word) => path.includes(word))) return 2;
    return words.every((word) => `${path} ${leaf.description}`.toLowerCase().includes(word))
      ? 3
      : 4;
  };
  return leaves
    .map((leaf) => [rank(leaf), leaf])
    .filter(([order]) => order < 4)
    .sort((left, right) => left[0] - right[0])
    .map(([, leaf]) => leaf);
}

/** Suggestions that start with the text, then those that contain it. */
export function filterSuggestions(suggestions, text) {
  const typed = text.trim().replace(/^[#@]/, "").toLowerCase();
  const plain = (suggestion) => suggestion.label.replace(/^[#@]/, "").toLowerCase();
  const starting = suggestions.filter((suggestion) => plain(suggestion).startsWith(typed));
  return [
    ...starting,
    ...suggestions.filter(
      (suggestion) => !starting.includes(suggestion) && plain(suggestion).includes(typed),
    ),
  ];
}
