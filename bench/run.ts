// Measures the daemon, nginx and a direct connection in one run, and writes bench/RESULTS.md. `scripts/bun.sh
// bench/run.ts [--rounds N] [--quick]` needs dist/codexd, nginx, taskset and two cores. The measured process has core
// 0; the fake upstream and the measuring client share core 1 (docs/bun.md#bench-setup).
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDaemonResults } from './results.ts';
import { shapes } from './shapes.ts';

const root = join(import.meta.dir, '..');
const scratch = mkdtempSync(join(tmpdir(), 'codexd-bench-'));
const quick = process.argv.includes('--quick');
const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || (quick ? 1 : 3);

interface Sample {
  /** Microseconds per event of the measured process. */
  cpuUs: number;
  seconds: number;
  deltas: number;
  errors: number;
  latencyP50Ms: number;
  latencyP99Ms: number;
  firstByteP50Ms: number;
}
interface Target {
  name: string;
  url: string;
  pids: () => number[];
}
interface Load {
  name: string;
  /** Events per second and stream, if they are paced. */
  rate?: number;
  streams: number;
  /** Number of requests, one after the other. */
  times?: number;
  prompt: string;
  events: number;
}

const chatBody = (prompt: string) =>
  JSON.stringify({ model: 'gpt-5.5', stream: true, messages: [{ role: 'user', content: prompt }] });
const responsesBody = (prompt: string) => JSON.stringify({ model: 'gpt-5.5', stream: true, input: prompt });

const pacedEvents = quick ? 240 : 480;
const loads: Load[] = [
  { name: 'full speed, 1 stream', streams: 1, prompt: 'bench:full:1000000', events: 1_000_000 },
  { name: 'full speed, 64 streams', streams: 64, prompt: 'bench:full:40000', events: 64 * 40_000 },
  {
    name: '512 streams × 40/s',
    rate: 40,
    streams: 512,
    prompt: `bench:paced:40:${pacedEvents}`,
    events: 512 * pacedEvents,
  },
];

const shapeNames = Object.keys(shapes);
const shapeEvents = quick ? 10_240 : 40_960;
const shapeLoads: Load[] = shapeNames.map((name, index) => ({
  name,
  streams: 64,
  prompt: `bench:shape:${shapeEvents}:${index}`,
  events: 64 * shapeEvents,
}));

/** CPU time of all threads of the processes, in nanoseconds. */
function cpuNs(pids: number[]): number {
  let sum = 0;
  for (const pid of pids) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
  }
  return sum;
}

/** Memory of a process in MB: the total, and the part that is not the executable file. */
function memoryMb(pid: number): { rss: number; anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (key: string) =>
    Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { rss: of('VmRSS'), anonymous: of('RssAnon') };
}

function spawn(core: number, command: string[], env: Record<string, string> = {}) {
  return Bun.spawn(['taskset', '-c', String(core), ...command], {
    env: { ...(process.env as Record<string, string>), ...env },
    stdout: 'pipe',
    stderr: 'ignore',
  });
}

async function firstLine(child: { stdout: ReadableStream<Uint8Array> }): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.includes('\n')) break;
  }
  return text.trim();
}

function openStreams(target: Target, { streams, times = 1 }: Load, body: string) {
  const program = join(root, 'bench/client.ts');
  return spawn(1, [process.execPath, program, target.url, body, String(streams), String(times)]);
}

async function measure(target: Target, load: Load, body: string): Promise<Sample> {
  if (load.rate !== undefined) return measureOpen(target, load, load.rate, body);
  const before = cpuNs(target.pids());
  const client = openStreams(target, load, body);
  const sample = JSON.parse(await new Response(client.stdout).text()) as Omit<Sample, 'cpuUs'>;
  return { cpuUs: (cpuNs(target.pids()) - before) / 1000 / load.events, ...sample };
}

/** CPU time of open streams, from two seconds after the start to one second before the end. */
async function measureOpen(target: Target, load: Load, rate: number, body: string): Promise<Sample> {
  const seconds = load.events / load.streams / rate;
  const client = openStreams(target, load, body);
  await Bun.sleep(2000);
  const [beforeNs, beforeMs] = [cpuNs(target.pids()), performance.now()];
  await Bun.sleep((seconds - 3) * 1000);
  const [afterNs, afterMs] = [cpuNs(target.pids()), performance.now()];
  const sample = JSON.parse(await new Response(client.stdout).text()) as Omit<Sample, 'cpuUs'>;
  const events = ((afterMs - beforeMs) / 1000) * rate * load.streams;
  return { cpuUs: (afterNs - beforeNs) / 1000 / events, ...sample };
}

/** The first count in the process, and the median of the following ones. */
async function countTokensMs(origin: string): Promise<[number, number]> {
  const text = readFileSync(join(root, 'README.md'), 'utf8').repeat(30).slice(0, 200_000);
  const body = JSON.stringify({ model: 'gpt-5.5', messages: [{ role: 'user', content: text }] });
  const times: number[] = [];
  for (let round = 0; round < 21; round++) {
    const startMs = performance.now();
    const answer = await fetch(`${origin}/v1/messages/count_tokens`, { method: 'POST', body });
    await answer.json();
    times.push(performance.now() - startMs);
  }
  return [times[0] ?? 0, median(times.slice(1))];
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

const children: { kill(): void }[] = [];
async function main(): Promise<void> {
  const upstream = spawn(1, [process.execPath, join(root, 'bench/upstream.ts')]);
  children.push(upstream);
  const upstreamPort = await firstLine(upstream);
  const nginxPort = Number(upstreamPort) + 1;
  writeFileSync(
    join(scratch, 'nginx.conf'),
    `worker_processes 1; daemon off; error_log ${scratch}/error.log; pid ${scratch}/pid;
events { worker_connections 8192; }
http { access_log off; keepalive_requests 1000000; client_body_temp_path ${scratch}; proxy_temp_path ${scratch};
  fastcgi_temp_path ${scratch}; uwsgi_temp_path ${scratch}; scgi_temp_path ${scratch};
  upstream model { server 127.0.0.1:${upstreamPort}; keepalive 1024; }
  server { listen 127.0.0.1:${nginxPort};
    location / { proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } } }`,
  );
  const nginx = spawn(0, ['nginx', '-c', join(scratch, 'nginx.conf'), '-p', scratch]);
  children.push(nginx);

  const ready = join(scratch, 'ready');
  const startedAtMs = performance.now();
  const daemon = spawn(
    0,
    [
      join(root, 'dist/codexd'),
      ...['serve', '--listen', '127.0.0.1:0', '--ready-file', ready, '--log-level', 'warn'],
      ...['--upstream', `http://127.0.0.1:${upstreamPort}/backend-api`, '--bearer', 'bench'],
    ],
    { HOME: scratch, XDG_STATE_HOME: scratch, XDG_CONFIG_HOME: scratch, XDG_CACHE_HOME: scratch },
  );
  children.push(daemon);
  while (!(await Bun.file(ready).exists())) await Bun.sleep(1);
  const startMs = performance.now() - startedAtMs;
  const codexd = /http:\S+/.exec(readFileSync(ready, 'utf8'))?.[0] ?? '';
  await Bun.sleep(1500);
  const idle = memoryMb(daemon.pid);

  const nginxPids = () =>
    readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8').trim().split(' ').map(Number);
  const responsesPath = '/backend-api/codex/responses';
  const targets: Record<string, Target> = {
    direct: { name: 'direct', url: `http://127.0.0.1:${upstreamPort}${responsesPath}`, pids: () => [] },
    nginx: { name: 'nginx', url: `http://127.0.0.1:${nginxPort}${responsesPath}`, pids: nginxPids },
    chat: { name: 'codexd chat', url: `${codexd}/v1/chat/completions`, pids: () => [daemon.pid] },
    responses: { name: 'codexd responses', url: `${codexd}/v1/responses`, pids: () => [daemon.pid] },
  };
  const bodyFor = (name: string, load: Load) =>
    (name === 'responses' ? responsesBody : chatBody)(load.prompt);

  // Warms up, so that the JIT compiles the hot path.
  for (const name of ['nginx', 'chat', 'responses']) {
    const warm = { name: 'warm', streams: 64, prompt: 'bench:full:20480', events: 1 };
    await measure(targets[name] as Target, warm, bodyFor(name, warm));
    const paced = { name: 'warm', streams: 256, prompt: 'bench:paced:40:80', events: 1 };
    await measure(targets[name] as Target, paced, bodyFor(name, paced));
  }

  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round++) {
    for (const load of [...loads, ...shapeLoads]) {
      for (const [name, target] of Object.entries(targets)) {
        const key = `${load.name}|${name}`;
        const sample = await measure(target, load, bodyFor(name, load));
        samples.set(key, [...(samples.get(key) ?? []), sample]);
        console.error(
          `round ${round + 1}: ${key}: ${sample.cpuUs.toFixed(3)} µs per event, ${sample.errors} errors`,
        );
      }
    }
    for (const streams of [1, 64]) {
      for (const [name, target] of Object.entries(targets)) {
        const load = {
          name: `first byte, ${streams}`,
          streams,
          times: streams === 1 ? 200 : 20,
          prompt: 'bench:full:1',
          events: 1,
        };
        const key = `${load.name}|${name}`;
        samples.set(key, [...(samples.get(key) ?? []), await measure(target, load, bodyFor(name, load))]);
      }
    }
  }
  const after = memoryMb(daemon.pid);
  const [firstCountMs, countMs] = await countTokensMs(codexd);

  const of = (load: string, name: string, field: keyof Sample) =>
    median((samples.get(`${load}|${name}`) ?? []).map((sample) => sample[field]));
  const errors = [...samples.values()].flat().reduce((sum, sample) => sum + sample.errors, 0);
  const row = (what: string, load: string, name: string, goal: number) => {
    const [ours, theirs] = [of(load, name, 'cpuUs'), of(load, 'nginx', 'cpuUs')];
    return `| ${what}, ${load} | ${theirs.toFixed(2)} µs | ${ours.toFixed(2)} µs | **${(ours / theirs).toFixed(2)} ×** | ≤ ${goal} × | ${verdict(ours / theirs, goal)} |`;
  };
  const bestUs = (name: string) => Math.min(...shapeNames.map((shape) => of(shape, name, 'cpuUs')));
  const shapeRow = (shape: string) => {
    const cells = ['chat', 'responses'].map((name) => {
      const ours = of(shape, name, 'cpuUs');
      return `${ours.toFixed(2)} µs | ${(ours / bestUs(name)).toFixed(2)} ×`;
    });
    return `| ${shape} | ${of(shape, 'nginx', 'cpuUs').toFixed(2)} µs | ${cells.join(' | ')} |`;
  };
  const added = (field: 'latencyP50Ms' | 'latencyP99Ms', name: string) =>
    of('512 streams × 40/s', name, field) - of('512 streams × 40/s', 'direct', field);
  const firstByte = (streams: number, name: string) =>
    of(`first byte, ${streams}`, name, 'firstByteP50Ms') -
    of(`first byte, ${streams}`, 'direct', 'firstByteP50Ms');
  const plain = (what: string, nginxValue: string, value: number, unit: string, goal: number) =>
    `| ${what} | ${nginxValue} | **${value.toFixed(2)} ${unit}** | ≤ ${goal} ${unit} | ${verdict(value, goal)} |`;

  const version = new TextDecoder()
    .decode(Bun.spawnSync([join(root, 'dist/codexd'), '--version']).stdout)
    .trim();
  const nginxVersion = new TextDecoder().decode(Bun.spawnSync(['nginx', '-v']).stderr).trim();
  writeDaemonResults(
    `# What codexd costs

Made by \`scripts/bun.sh bench/run.ts\` on ${new Date().toISOString().slice(0, 10)}: ${version}, Bun ${Bun.version}, ${nginxVersion}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}.
Medians of ${rounds} round${rounds === 1 ? '' : 's'}, all targets in one run; ${errors} failed streams.

**Method.** The process under test is pinned to core 0, the fake upstream (raw TCP, one HTTP chunk per 280-byte event) and the measuring client to core 1. CPU is user and system time of all
threads from \`/proc/PID/task/*/schedstat\`, divided by the events delivered. nginx passes the same bytes through unread with \`proxy_buffering off\`. Latency is from the upstream's
write to the client's read, minus the same on a direct connection. Absolute values move by ±30 % between runs on a virtual machine: compare ratios of one run only.

| CPU per event | nginx | codexd | ratio | goal | |
| --- | --- | --- | --- | --- | --- |
${row('chat', '512 streams × 40/s', 'chat', 1.8)}
${row('chat', 'full speed, 1 stream', 'chat', 2.5)}
${row('chat', 'full speed, 64 streams', 'chat', 2.5)}
${row('responses', '512 streams × 40/s', 'responses', 1.5)}
${row('responses', 'full speed, 1 stream', 'responses', 1.5)}
${row('responses', 'full speed, 64 streams', 'responses', 1.5)}

| shapes of deltas: CPU per event, full speed, 64 streams | nginx | chat | × the best | responses | × the best |
| --- | --- | --- | --- | --- | --- |
${shapeNames.map(shapeRow).join('\n')}

| added latency, against a direct connection | nginx | codexd chat | goal | |
| --- | --- | --- | --- | --- |
${plain('per event at 512 × 40/s, p50', `${added('latencyP50Ms', 'nginx').toFixed(2)} ms`, added('latencyP50Ms', 'chat'), 'ms', 0.2)}
${plain('per event at 512 × 40/s, p99', `${added('latencyP99Ms', 'nginx').toFixed(2)} ms`, added('latencyP99Ms', 'chat'), 'ms', 2)}
${plain('first byte, 1 stream, warm', `${firstByte(1, 'nginx').toFixed(2)} ms`, firstByte(1, 'chat'), 'ms', 1)}
${plain('first byte, 64 streams at once, p50', `${firstByte(64, 'nginx').toFixed(2)} ms`, firstByte(64, 'chat'), 'ms', 8)}

| process | codexd | goal | |
| --- | --- | --- | --- |
| start to listening | **${startMs.toFixed(0)} ms** | ≤ 60 ms | ${verdict(startMs, 60)} |
| idle, RSS (of which not the executable) | **${idle.rss} MB** (${idle.anonymous} MB) | ≤ 45 MB | ${verdict(idle.rss, 45)} |
| \`count_tokens\` of 200 KB of Markdown, over HTTP | **${countMs.toFixed(0)} ms** (the first, which loads the tokenizer: ${firstCountMs.toFixed(0)} ms) | ≤ 50 ms | ${verdict(countMs, 50)} |
| after this run, RSS (of which not the executable) | ${after.rss} MB (${after.anonymous} MB) | | |
`,
  );
}

function verdict(value: number, goal: number): string {
  return value <= goal ? 'met' : `missed by ${(((value - goal) / goal) * 100).toFixed(0)} %`;
}

try {
  await main();
} finally {
  for (const child of children) child.kill();
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(0);
