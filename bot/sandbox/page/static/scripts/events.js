// The WebSocket connection for events. It reconnects with increasing delays and reports each
// connection, so that the state is reloaded.

const INITIAL_WAIT = 500; // milliseconds
const MAX_WAIT = 15_000;

/**
 * Receive events as the person whose id `findPerson` resolves to; it is called before each attempt,
 * because a restarted sandbox may have other people. `onOpen` runs after each (re)connection. Returns
 * a function that closes the connection.
 */
export function connectEvents(findPerson, { onOpen, onEvent, onLost }) {
  let socket = null;
  let timer = null;
  let wait = INITIAL_WAIT;
  let ended = false;

  function retry() {
    if (ended) return;
    onLost();
    timer = setTimeout(connect, wait);
    wait = Math.min(wait * 2, MAX_WAIT);
  }

  async function connect() {
    let person;
    try {
      person = await findPerson();
    } catch {
      return retry(); // onLost shows the state
    }
    if (ended) return undefined;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(
      `${scheme}://${location.host}/sandbox/events?as=${encodeURIComponent(person)}`,
    );
    socket.addEventListener("open", async () => {
      try {
        if (!ended) await onOpen();
        wait = INITIAL_WAIT;
      } catch {
        socket.close(); // onOpen has shown the error; the next connection tries again
      }
    });
    socket.addEventListener("message", (frame) => {
      if (!ended) onEvent(JSON.parse(frame.data));
    });
    socket.addEventListener("close", retry);
    return undefined;
  }

  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    socket?.close();
  };
}
