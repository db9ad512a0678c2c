// Measures SILK decoding from file to WAV file, and silk-wasm's own decode() with the same packets in the same run, and
// writes its section of bench/RESULTS.md. `scripts/bun.sh bench/silk.ts [--rounds N]`. Each measurement runs in a
// separate process, because the first recording of a process is decoded by code that is not yet optimised.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from 'silk-wasm';
import { wavHeader, wavHeaderBytes } from '../src/audio/samples/wav-file.ts';
import { createSilkToWav } from '../src/audio/silk/to-wav.ts';
import { packetsOf, tencentFile, voice } from '../test/audio/silk/corpus.ts';
import { writeSection } from './results.ts';

const ways = ['silk-wasm', 'codexd'] as const;
type Way = (typeof ways)[number];

interface Measured {
  /** CPU time of all threads, including compilation and garbage collection. */
  firstCpuMs: number;
  /** The fastest of the following recordings in the same process. */
  nextMs: number;
  nextCpuMs: number;
  peakMb: number;
  /** A checksum of the samples. */
  hash: string;
}

const goal = 500;
const clips = [10, 60, 550];
const rates = [16_000, 24_000];
const hour = 3600;
/** Ten seconds of the test voice, so that all measurements use the same. */
const inputHash = 'd4a0f501bc0d4f48448facdbf7a8ea4a9379983b700bd193689f84971233b3cb';

/**
 * What a caller of decode() must do to get correct samples (docs/wire/audio.md#silk-wasm), for packets of one frame.
 */
async function withSilkWasm(path: string, out: string, rate: number): Promise<void> {
  const packets = packetsOf(readFileSync(path));
  const nothing = new Uint8Array(0);
  const fed = tencentFile([...packets.slice(0, 2), nothing, nothing, ...packets.slice(2), nothing]);
  const { data } = await decode(fed, rate);
  const samples = data.subarray(0, (packets.length * rate * 2) / 50);
  await Bun.write(out, new Blob([wavHeader(rate, 1, samples.length), samples as Uint8Array<ArrayBuffer>]));
}

async function measure(way: Way, path: string, rate: number, times: number): Promise<Measured> {
  const out = `${path}.wav`;
  const toWav = createSilkToWav({ decoder: undefined, env: {}, atExit: () => () => {} });
  const { signal } = new AbortController();
  const run = () => (way === 'codexd' ? toWav(path, out, rate, signal) : withSilkWasm(path, out, rate));
  const samples: { ms: number; cpuMs: number }[] = [];
  for (let time = 0; time < times; time++) {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    await run();
    const { user, system } = process.cpuUsage(cpu);
    samples.push({ ms: performance.now() - start, cpuMs: (user + system) / 1000 });
  }
  const [first, ...next] = samples;
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  return {
    firstCpuMs: first!.cpuMs,
    nextMs: Math.min(...next.map(({ ms }) => ms)),
    nextCpuMs: Math.min(...next.map(({ cpuMs }) => cpuMs)),
    peakMb: Math.round(peakKb / 1024),
    hash: new Bun.CryptoHasher('sha256').update(readFileSync(out).subarray(wavHeaderBytes)).digest('hex'),
  };
}

function child(way: Way, path: string, rate: number, times: number): Measured {
  const argv = [process.execPath, import.meta.path, '--measure', way, path, String(rate), String(times)];
  const { stdout, stderr, success } = Bun.spawnSync(argv);
  if (!success) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString());
}

/** Ten seconds of the test voice, encoded at 24 kHz and repeated. */
async function makeClips(folder: string): Promise<(seconds: number) => string> {
  const voices = Array.from({ length: 9 }, (_, index) => [...voice(24_000, index + 1)]).flat();
  const { data } = await encode(Int16Array.from(voices.slice(0, 240_000)), 24_000);
  const hash = new Bun.CryptoHasher('sha256').update(data).digest('hex');
  if (hash !== inputHash) throw new Error(`the input is another one: ${hash}`);
  const packets = packetsOf(data);
  const path = (seconds: number) => join(folder, `${seconds}.silk`);
  for (const seconds of [...clips, hour]) {
    writeFileSync(path(seconds), tencentFile(Array.from({ length: seconds / 10 }, () => packets).flat()));
  }
  return path;
}

async function main(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'codexd-bench-silk-'));
  try {
    const path = await makeClips(folder);
    const rows: string[] = [];
    for (const seconds of clips) {
      for (const rate of rates) {
        const { 'silk-wasm': old, codexd } = fastest(rounds, (way) =>
          child(way, path(seconds), rate, seconds > 60 ? 3 : 6),
        );
        const times = (ms: number) => (seconds * 1000) / ms;
        const cell = (key: 'firstCpuMs' | 'nextCpuMs' | 'nextMs') =>
          `${times(old[key]).toFixed(0)} → **${times(codexd[key]).toFixed(0)} ×**`;
        const reached = times(codexd.nextCpuMs);
        const verdict = reached >= goal ? 'met' : `missed by ${Math.ceil(100 - (reached / goal) * 100)} %`;
        rows.push(
          `| ${seconds} s at ${rate / 1000} kHz | ${cell('firstCpuMs')} | ${cell('nextCpuMs')} | ${cell('nextMs')} | ≥ ${goal} × | ${verdict} |`,
        );
      }
    }
    const { 'silk-wasm': old, codexd } = fastest(1, (way) => child(way, path(hour), 24_000, 1));
    rows.push(`| an hour at 24 kHz, peak RSS | ${old.peakMb} → **${codexd.peakMb} MB** | | | | |`);
    const table = section(rounds, rows);
    console.log(table);
    writeSection(table);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Alternates between the two decoders. Throws if their samples differ. */
function fastest(rounds: number, run: (way: Way) => Measured): Record<Way, Measured> {
  const best = {} as Record<Way, Measured>;
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const measured = run(way);
      const { firstCpuMs, nextMs, nextCpuMs } = best[way] ?? measured;
      best[way] = {
        ...measured,
        firstCpuMs: Math.min(firstCpuMs, measured.firstCpuMs),
        nextMs: Math.min(nextMs, measured.nextMs),
        nextCpuMs: Math.min(nextCpuMs, measured.nextCpuMs),
      };
    }
  }
  if (best.codexd.hash !== best['silk-wasm'].hash) throw new Error('the samples are not the same');
  return best;
}

const section = (rounds: number, rows: readonly string[]) => `## SILK

Made by \`scripts/bun.sh bench/silk.ts\` on ${new Date().toISOString().slice(0, 10)}: Bun ${Bun.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}.
From a SILK file to a WAV file, seconds of sound per second: silk-wasm's own \`decode()\` → codexd. The samples of both were the same.

**Method.** A seeded voice, encoded at 24 kHz in packets of 20 ms (27 kbit/s), repeated. silk-wasm is given what it needs for the right samples, on the calling thread; codexd decodes more than a minute in
another thread. Each measurement is a process of its own that decodes one clip several times: the first time the machine code is compiled meanwhile. CPU time is that of all threads, compilers and collectors
included; the fastest of ${rounds} rounds. Time that passes depends on what else the machine does (load ${loadavg()[0]!.toFixed(0)} on ${cpus().length} cores): the goal is judged by CPU time.

| SILK to WAV | first in a process, CPU time | later, CPU time | later, time that passes | goal | |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;

const [, , flag, ...args] = process.argv;
if (flag === '--measure') {
  const [way, path, rate, times] = args;
  console.log(JSON.stringify(await measure(way as Way, path!, Number(rate), Number(times))));
} else {
  await main(flag === '--rounds' ? Number(args[0]) : 3);
}
