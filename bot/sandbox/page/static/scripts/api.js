// The sandbox's API for its page. Every call resolves to JSON or throws an Error with a message for a
// person, also if the bot doesn't respond to what the call waits for ("failed").

const CHUNK_SIZE = 1 << 15; // a function call accepts a limited number of arguments

async function request(method, path, body) {
  let response;
  try {
    response = await fetch(`/sandbox/${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error("Can't reach the sandbox. Is “storywire sandbox” still running?");
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text === "" ? null : JSON.parse(text);
  } catch {
    // A body that is not JSON contains no message for a person; the status below is reported.
  }
  if (answer?.failed) throw new Error(answer.failed);
  if (!response.ok) throw new Error(answer?.message ?? `The sandbox returned HTTP status ${response.status}.`);
  return answer;
}

const id = encodeURIComponent;
const asQuery = (person) => (person === null ? "" : `?as=${id(person)}`);

export const fetchState = (as) => request("GET", `state${asQuery(as)}`);
export const fetchRequests = () => request("GET", "requests?limit=100");
export const fetchMessages = (as, channel, before) =>
  request(
    "GET",
    `channels/${id(channel)}/messages?as=${id(as)}&limit=50${before ? `&before=${id(before)}` : ""}`,
  );

export const runCommand = (as, channel_id, command, options) =>
  request("POST", "interactions", { as, channel_id, kind: "command", command, options });
export const autocomplete = (as, channel_id, command, options) =>
  request("POST", "interactions", { as, channel_id, kind: "autocomplete", command, options });
export const useComponent = (as, message, component, values) =>
  request("POST", "interactions", {
    as,
    channel_id: message.channel_id,
    kind: "component",
    message_id: message.id,
    custom_id: component.custom_id,
    component_type: component.type,
    values,
  });

export const submitModal = (as, interaction_id, values) =>
  request("POST", "interactions", { as, kind: "modal", interaction_id, values });

/** Upload a file for an option of a command; resolves to the id that the option takes. */
export async function uploadFile(as, channel_id, file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK_SIZE)
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_SIZE));
  const body = { as, channel_id, name: file.name, content_type: file.type, data: btoa(binary) };
  return (await request("POST", "files", body)).id;
}

export const runAction = (as, name) => request("POST", `actions/${id(name)}`, { as });
export const applyFault = (as, name) => request("POST", "faults", { as, name });
export const addChannel = (as, guild, name, type, tags) =>
  request("POST", `guilds/${id(guild)}/channels`, { as, name, type, tags });
export const updateThread = (as, thread, change) =>
  request("PATCH", `channels/${id(thread)}`, { as, ...change });
export const deleteChannel = (as, channel) =>
  request("DELETE", `channels/${id(channel)}${asQuery(as)}`, { as });
export const addRole = (as, guild, name, permissions) =>
  request("POST", `guilds/${id(guild)}/roles`, { as, name, permissions });
export const denyBotPermissions = (as, channel, deny) =>
  request("PUT", `channels/${id(channel)}/bot-permissions`, { as, deny });
