// The live connection. It comes back by itself, waiting longer each time, and reports when it does
// so that state is reloaded.

const INITIAL_WAIT = 500; // milliseconds
const MAX_WAIT = 15_000;

/**
 * Follow events as the person whose id `findPerson` resolves to; it is asked before each attempt,
 * because a sandbox that
 * was started anew may know other people. `onOpen` runs after each (re)connection. Returns a
 * function that ends it.
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
      return retry(); // onLost tells the reader
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
        socket.close(); // onOpen has told the reader; the next connection tries again
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
