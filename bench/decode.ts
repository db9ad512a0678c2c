// Measures the CPU time per delta, from the upstream's bytes to a chat client's frames, for each shape of deltas, in a
// fresh process and warm: `scripts/bun.sh bench/decode.ts [SHAPE]`. Without a shape, runs each one in a separate
// process. The last row reads WebSocket messages.
import { openaiChat } from '../src/apis/openai/chat/index.ts';
import { Decoder } from '../src/responses/decode.ts';
import type { ResponsesEvent } from '../src/responses/event.ts';
import { EventParser } from '../src/responses/event-parser.ts';
import { Grammar } from '../src/responses/grammar.ts';
import { messageOf, opening, shapes } from './shapes.ts';

const eventsPerStream = 10_000;
const freshStreams = 64;

const messages = 'WebSocket messages';

function measure(shape: string): { freshNs: number; warmNs: number } {
  const make = shapes[shape === messages ? 'keys in alphabetical order' : shape];
  if (make === undefined) throw new Error(`no shape ${shape}; there are ${Object.keys(shapes).join(', ')}`);
  const events = Array.from({ length: eventsPerStream }, (_, number) => make(number + 4));
  const start = opening(shape);
  const bytes = new TextEncoder().encode(start + events.join(''));
  const texts = [...start.split(/(?<=\n\n)/), ...events].map(messageOf);
  const play = shape === messages ? () => decodeMessages(texts) : () => decodeBytes(bytes);
  const round = (streams: number) => {
    const startNs = process.cpuUsage();
    let length = 0;
    for (let stream = 0; stream < streams; stream++) length += play();
    const { user, system } = process.cpuUsage(startNs);
    if (length < eventsPerStream * streams) throw new Error('the deltas did not reach the encoder');
    return ((user + system) * 1000) / (eventsPerStream * streams);
  };
  return { freshNs: round(freshStreams), warmNs: Math.min(round(freshStreams), round(freshStreams)) };
}

/** The way from a decoded event to a chat client's frames. */
class Client {
  readonly #encoder = openaiChat.stream(
    openaiChat.request(
      { model: 'gpt-5.5', stream: true, messages: [{ role: 'user', content: 'hi' }] },
      { headers: new Headers(), reasoningStyle: 'reasoning_content', reasoningSummary: 'auto' },
    ),
  );
  readonly grammar = new Grammar((event) => (this.#out += this.#encoder.push(event)), {
    newId: (prefix) => `${prefix}_1`,
    nowMs: () => 0,
    accumulateText: false,
  });
  #out = '';
  length = 0;

  flush(): void {
    this.length += Buffer.byteLength(this.#out);
    this.#out = '';
  }
}

function decodeBytes(bytes: Uint8Array): number {
  const client = new Client();
  const decoder = new Decoder((event) => client.grammar.push(event));
  for (let at = 0; at < bytes.length; at += 64 * 1024) {
    decoder.push(bytes.subarray(at, at + 64 * 1024));
    client.flush();
  }
  return client.length;
}

/** As many at a time as a read of 64 KB brings. */
function decodeMessages(texts: string[]): number {
  const client = new Client();
  const parser = new EventParser();
  const sink = (event: ResponsesEvent) => client.grammar.push(event);
  texts.forEach((text, index) => {
    parser.readMessage(text, sink);
    if (index % 280 === 0) client.flush();
  });
  client.flush();
  return client.length;
}

if (process.argv[2] !== undefined) {
  console.log(JSON.stringify(measure(process.argv[2])));
} else {
  const rows = [...Object.keys(shapes), messages].map((shape) => {
    const { stdout } = Bun.spawnSync([process.execPath, import.meta.path, shape]);
    return { shape, ...(JSON.parse(stdout.toString()) as ReturnType<typeof measure>) };
  });
  const best = Math.min(...rows.map(({ warmNs }) => warmNs));
  for (const { shape, freshNs, warmNs } of rows) {
    console.log(
      `${shape.padEnd(28)} fresh ${freshNs.toFixed(0).padStart(5)} ns  warm ${warmNs.toFixed(0).padStart(5)} ns  ${(warmNs / best).toFixed(2)} × the best`,
    );
  }
}
