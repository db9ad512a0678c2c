// Opens streams over raw TCP and measures them: `client.ts URL BODY STREAMS [TIMES]`, TIMES one after the other. Prints
// one JSON line. Latency is measured after the first two seconds, when all streams are open.
const [, , target, body, count, times = '1'] = process.argv as unknown as [
  string,
  string,
  string,
  string,
  string,
  string?,
];
const url = new URL(target);
const nowMs = () => performance.timeOrigin + performance.now();
const request = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer bench\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const openingMs = 2000;
const latencies: number[] = [];
const firstBytes: number[] = [];
let errors = 0;
let deltas = 0;

function open(): Promise<void> {
  return new Promise((resolve) => {
    const startMs = nowMs();
    let first = true;
    let last = '';
    void Bun.connect({
      hostname: url.hostname,
      port: Number(url.port),
      socket: {
        open: (socket) => void socket.write(request),
        data(socket, bytes) {
          if (first) {
            first = false;
            firstBytes.push(nowMs() - startMs);
            if (!bytes.toString('latin1').startsWith('HTTP/1.1 200')) errors++;
          }
          if (bytes.length < 16_384) {
            const text = bytes.toString('latin1');
            for (const [, sent] of text.matchAll(/"(\d{13}\.\d{3})"/g)) {
              if (Number(sent) > startMs + openingMs) latencies.push(nowMs() - Number(sent));
              deltas++;
            }
          }
          last = (last + bytes.subarray(-16).toString('latin1')).slice(-16);
          if (last.endsWith('0\r\n\r\n')) socket.end();
        },
        close() {
          if (!last.endsWith('0\r\n\r\n')) errors++;
          resolve();
        },
        error() {
          errors++;
          resolve();
        },
      },
    }).catch(() => {
      errors++;
      resolve();
    });
  });
}

const startMs = nowMs();
for (let round = 0; round < Number(times); round++) {
  await Promise.all(Array.from({ length: Number(count) }, open));
}
const seconds = (nowMs() - startMs) / 1000;
const at = (numbers: number[], share: number) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * share)] ?? 0;
console.log(
  JSON.stringify({
    seconds,
    deltas,
    errors,
    latencyP50Ms: at(latencies, 0.5),
    latencyP99Ms: at(latencies, 0.99),
    firstByteP50Ms: at(firstBytes, 0.5),
  }),
);

export {};
