// The live connection. It comes back by itself, waiting longer each time, and reports when it does so that state is reloaded.

const FIRST_WAIT = 500; // milliseconds
const LONGEST_WAIT = 15_000;

/** Follow events as one person; `onOpen` runs after each (re)connection. Returns a function that ends it. */
export function followEvents(person, { onOpen, onEvent, onLost }) {
  let socket = null;
  let timer = null;
  let wait = FIRST_WAIT;
  let ended = false;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/sandbox/events?as=${encodeURIComponent(person)}`);
    socket.addEventListener("open", () => {
      wait = FIRST_WAIT;
      if (!ended) onOpen();
    });
    socket.addEventListener("message", (frame) => {
      if (!ended) onEvent(JSON.parse(frame.data));
    });
    socket.addEventListener("close", () => {
      if (ended) return;
      onLost();
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }

  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    socket.close();
  };
}
