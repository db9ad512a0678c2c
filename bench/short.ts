// Sends short turns one after the other over kept connections: `short.ts URL BODY CONNECTIONS TURNS`. Prints the turns per
// second and the median of the times until a response was complete, as one JSON line.
const [, , target, body, connections, turns] = process.argv as unknown as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const url = new URL(target);
const request = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer bench\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
let left = Number(turns);
const times: number[] = [];
let errors = 0;

/** Where the response at the start of `text` ends; -1 if it is incomplete. */
function endOfResponse(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return -1;
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  if (length === undefined) return text.endsWith('\r\n0\r\n\r\n') ? text.length : -1;
  const end = head + 4 + Number(length);
  return text.length >= end ? end : -1;
}

function open(): Promise<void> {
  return new Promise((resolve) => {
    let received = '';
    let sentMs = 0;
    const next = (socket: { write(text: string): number; end(): void }) => {
      if (left-- <= 0) {
        socket.end();
        return;
      }
      received = '';
      sentMs = performance.now();
      socket.write(request);
    };
    void Bun.connect({
      hostname: url.hostname,
      port: Number(url.port),
      socket: {
        open: next,
        data(socket, bytes) {
          received += bytes.toString('latin1');
          if (endOfResponse(received) === -1) return;
          if (!received.startsWith('HTTP/1.1 200')) errors++;
          times.push(performance.now() - sentMs);
          next(socket);
        },
        close: () => resolve(),
      },
    });
  });
}

const startMs = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, open));
console.log(
  JSON.stringify({
    perSecond: times.length / ((performance.now() - startMs) / 1000),
    medianMs: times.toSorted((a, b) => a - b)[times.length >> 1],
    errors,
  }),
);

export {};
