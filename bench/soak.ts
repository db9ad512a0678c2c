// Runs the daemon for ten minutes with 100 streams over all APIs, while clients leave or stop reading, the upstream breaks,
// and another program replaces the login: `scripts/bun.sh bench/soak.ts [--minutes N] [--streams N]`. Needs dist/codexd and
// Linux. Fails if a stream ends without a success or an error, descriptors leak or memory grows; writes bench/RESULTS.md.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startSimulator } from '../src/simulator/simulator.ts';
import { replaceFile } from '../src/system/whole-file.ts';
import { writeSection } from './results.ts';
import { type SoakRequest, soakRequests } from './soak/requests.ts';
import { nextTurn } from './soak/turns.ts';

const option = (name: string, otherwise: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? otherwise : Number(process.argv[at + 1]);
};
const minutes = option('minutes', 10);
const streams = option('streams', 100);
const faultShare = 0.25;
const leaveShare = 0.15;
const stopReadingShare = 0.05;
const loginEveryMs = 10_000;
/** A stream that takes longer hangs. */
const longestStreamMs = 120_000;
/** Less than the upstream's stalls, so that the daemon ends them. */
const idleTimeoutSeconds = 4;

const home = mkdtempSync(join(tmpdir(), 'codexd-soak-'));
const simulator = startSimulator({ seed: 1 });

/** Like another program that shares the login: the new one expires in a minute, so codexd refreshes it. */
function replaceLogin(): void {
  const file = join(home, '.local/state/codexd/default/auth.json');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replaceFile(file, JSON.stringify({ tokens: simulator.login({ expiresInS: 60 }) }));
}

async function startDaemon() {
  const daemon = Bun.spawn([join(import.meta.dir, '../dist/codexd'), 'serve', '--listen', '127.0.0.1:0'], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      CODEXD_UPSTREAM: simulator.upstream,
      CODEXD_ISSUER: simulator.issuer,
      CODEXD_UPSTREAM_IDLE_TIMEOUT_SECONDS: String(idleTimeoutSeconds),
      CODEXD_UPSTREAM_FIRST_BYTE_TIMEOUT_SECONDS: String(idleTimeoutSeconds),
      CODEXD_UPSTREAM_RETRY_BUDGET_SECONDS: '5',
      // Full after a minute, like every cache that grows up to a limit.
      CODEXD_STORE_MAX_MB: '4',
      CODEXD_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const decoder = new TextDecoder();
  const reading = (async () => {
    for await (const bytes of daemon.stderr)
      log = (log + decoder.decode(bytes, { stream: true })).slice(-100_000);
  })();
  while (!log.includes('\n')) await Bun.sleep(5);
  const url = /listening on (\S+)/.exec(log)?.[1];
  if (url === undefined) throw new Error(`the daemon did not start: ${log}`);
  return { daemon, url, log: () => log, reading };
}

const outcomes = new Map<string, number>();
const count = (outcome: string) => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
const silentEnds: string[] = [];

/** One request, whose stream is read to its end, left, or not read for a while. */
async function runStream(url: string, request: SoakRequest): Promise<void> {
  const controller = new AbortController();
  const leaves = Math.random() < leaveShare;
  const timer = setTimeout(() => controller.abort(), leaves ? Math.random() * 4000 : longestStreamMs);
  let pauses = Math.random() < stopReadingShare ? 5 : 0;
  simulator.script(nextTurn(Math.random, faultShare));
  let text = '';
  try {
    const response = await fetch(`${url}${request.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...request.headers },
      body: JSON.stringify(request.body(`Count. ${crypto.randomUUID()}`)),
      signal: controller.signal,
      keepalive: false,
    });
    if (!response.ok) {
      text = await response.text();
      count(/"error"/.test(text) ? 'refused with an error' : 'silent');
      if (!/"error"/.test(text)) silentEnds.push(`${request.name}: HTTP ${response.status} without an error`);
      return;
    }
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk, { stream: true });
      if (pauses > 0 && Math.random() < 0.1) {
        pauses--;
        await Bun.sleep(1000);
      }
    }
    const ending = request.ending(text);
    count(ending === undefined ? 'silent' : ending === 'success' ? 'complete' : 'ended with an error');
    if (ending === undefined) silentEnds.push(`${request.name}: …${text.slice(-300)}`);
  } catch (thrown) {
    if (leaves && controller.signal.aborted) return count('left by the client');
    count('silent');
    silentEnds.push(`${request.name}: ${thrown} …${text.slice(-200)}`);
  } finally {
    clearTimeout(timer);
  }
}

const descriptorsOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
/** Connections that the daemon keeps open for the next turns. */
function upstreamConnections(): number {
  const port = Number(new URL(simulator.url).port).toString(16).toUpperCase().padStart(4, '0');
  const established = new RegExp(`^\\s*\\d+: \\S+ \\w+:${port} 01 `, 'gm');
  return readFileSync('/proc/net/tcp', 'utf8').match(established)?.length ?? 0;
}
const ownDescriptors = (pid: number) => descriptorsOf(pid) - upstreamConnections();
const rssMbOf = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

replaceLogin();
const { daemon, url, log, reading } = await startDaemon();
const endAtMs = performance.now() + minutes * 60_000;
const idleDescriptors = descriptorsOf(daemon.pid);
const rss: { atMs: number; mb: number }[] = [];
let mostDescriptors = 0;
const sampling = setInterval(() => {
  rss.push({ atMs: performance.now(), mb: rssMbOf(daemon.pid) });
  mostDescriptors = Math.max(mostDescriptors, ownDescriptors(daemon.pid));
}, 1000);
let refreshes = 0;
const logins = setInterval(() => {
  refreshes += simulator.requests.filter(
    ({ path, answered }) => path === '/oauth/token' && answered === 200,
  ).length;
  // Forgets unused lines as well, which are replaced with the next requests.
  simulator.reset();
  replaceLogin();
  simulator.script({ refusal: 'token_expired' });
}, loginEveryMs);

let next = 0;
await Promise.all(
  Array.from({ length: streams }, async () => {
    while (performance.now() < endAtMs) await runStream(url, soakRequests[next++ % soakRequests.length]!);
  }),
);
clearInterval(logins);
clearInterval(sampling);
const quietUntilMs = performance.now() + 30_000;
while (ownDescriptors(daemon.pid) > idleDescriptors + 5 && performance.now() < quietUntilMs)
  await Bun.sleep(500);
const leftDescriptors = ownDescriptors(daemon.pid);
const { running } = (await (await fetch(`${url}/health`)).json()) as { running: number };
daemon.kill('SIGTERM');
const exitCode = await daemon.exited;
await reading;
await simulator.stop();
rmSync(home, { recursive: true, force: true });

const startedAtMs = endAtMs - minutes * 60_000;
const tenth = (minutes * 60_000) / 10;
const inTenth = (number: number) =>
  rss.filter(({ atMs }) => Math.floor((atMs - startedAtMs) / tenth) === number).map(({ mb }) => mb);
// The first tenths compile the code and fill the caches.
const tenths = Array.from({ length: 10 }, (_, number) => median(inTenth(number)));
const [early, late] = [tenths[4]!, tenths[9]!];
const silent = outcomes.get('silent') ?? 0;
const all = [...outcomes.values()].reduce((sum, one) => sum + one, 0);
const verdict = (isGood: boolean) => (isGood ? 'met' : 'missed');
const checks: [string, string, string, boolean][] = [
  ['streams that ended without a success or an error', String(silent), '0', silent === 0],
  [
    'descriptors without connections to the upstream: before, at most, after',
    `${idleDescriptors}, ${mostDescriptors}, ${leftDescriptors}`,
    'after ≤ before + 5',
    leftDescriptors <= idleDescriptors + 5,
  ],
  ['requests still running at the end', String(running - 1), '0', running === 1],
  [
    'RSS, fifth and last tenth of the time',
    `${early.toFixed(0)} → ${late.toFixed(0)} MB`,
    '≤ + 10 %',
    late <= early * 1.1,
  ],
  ['exit status after SIGTERM', String(exitCode), '0', exitCode === 0],
];
const share = (name: string) => `${outcomes.get(name) ?? 0} ${name}`;
writeSection(`## Soak

Made by \`scripts/bun.sh bench/soak.ts --minutes ${minutes} --streams ${streams}\` on ${new Date().toISOString().slice(0, 10)}: Bun ${Bun.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}.

**Method.** ${streams} clients in one process keep a stream open each, in turn over ${soakRequests.map(({ name }) => name).join(', ')}. ${leaveShare * 100} % leave at a random time, ${stopReadingShare * 100} % stop reading for seconds;
${faultShare * 100} % of the upstream's turns are cut, reset, stalled, refused or slow. Every ${loginEveryMs / 1000} s another program replaces the login with one that is due for a refresh, and a turn is refused with 401. The
compiled binary has default limits, but an idle timeout of ${idleTimeoutSeconds} s and 4 MiB of stored responses.

${all} requests: ${['complete', 'ended with an error', 'refused with an error', 'left by the client'].map(share).join(', ')}. ${refreshes} refreshes of the login.
RSS in each tenth of the time, in MB: ${tenths.map((mb) => mb.toFixed(0)).join(', ')}.

| what | measured | goal | |
| --- | --- | --- | --- |
${checks.map(([what, measured, goal, isGood]) => `| ${what} | **${measured}** | ${goal} | ${verdict(isGood)} |`).join('\n')}
`);
console.log(outcomes, { refreshes }, checks);
if (silentEnds.length > 0) console.log(silentEnds.slice(0, 10).join('\n'));
if (checks.some(([, , , isGood]) => !isGood)) {
  console.log(log().slice(-3000));
  process.exit(1);
}
