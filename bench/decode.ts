// Measures the CPU time per delta, from the upstream's bytes to a chat client's frames, for each shape of deltas, in a
// fresh process and warm: `scripts/bun.sh bench/decode.ts [SHAPE]`. Without a shape, runs each one in a separate
// process.
import { openaiChat } from '../src/apis/openai/chat/index.ts';
import { Decoder } from '../src/responses/decode.ts';
import { Grammar } from '../src/responses/grammar.ts';
import { opening, shapes } from './shapes.ts';

const eventsPerStream = 10_000;
const freshStreams = 64;

function measure(shape: string): { freshNs: number; warmNs: number } {
  const make = shapes[shape];
  if (make === undefined) throw new Error(`no shape ${shape}; there are ${Object.keys(shapes).join(', ')}`);
  const deltas = Array.from({ length: eventsPerStream }, (_, number) => make(number + 4)).join('');
  const bytes = new TextEncoder().encode(opening(shape) + deltas);
  const round = (streams: number) => {
    const startNs = process.cpuUsage();
    let length = 0;
    for (let stream = 0; stream < streams; stream++) length += decode(bytes);
    const { user, system } = process.cpuUsage(startNs);
    if (length < eventsPerStream * streams) throw new Error('the deltas did not reach the encoder');
    return ((user + system) * 1000) / (eventsPerStream * streams);
  };
  return { freshNs: round(freshStreams), warmNs: Math.min(round(freshStreams), round(freshStreams)) };
}

function decode(bytes: Uint8Array): number {
  const translation = openaiChat.request(
    { model: 'gpt-5.5', stream: true, messages: [{ role: 'user', content: 'hi' }] },
    { headers: new Headers(), reasoningStyle: 'reasoning_content', reasoningSummary: 'auto' },
  );
  const encoder = openaiChat.stream(translation);
  let out = '';
  let length = 0;
  const grammar = new Grammar((event) => (out += encoder.push(event)), {
    newId: (prefix) => `${prefix}_1`,
    nowMs: () => 0,
    accumulateText: false,
  });
  const decoder = new Decoder((event) => grammar.push(event));
  for (let at = 0; at < bytes.length; at += 64 * 1024) {
    decoder.push(bytes.subarray(at, at + 64 * 1024));
    length += Buffer.byteLength(out);
    out = '';
  }
  return length;
}

if (process.argv[2] !== undefined) {
  console.log(JSON.stringify(measure(process.argv[2])));
} else {
  const rows = Object.keys(shapes).map((shape) => {
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
