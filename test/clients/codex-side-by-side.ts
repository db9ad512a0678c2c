// The same Codex CLI twice: on its own at a simulated upstream, and through codexd at another one. What the two upstreams
// received is compared field by field.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject } from '../../src/base/object.ts';
import {
  type RecordedRequest,
  type ScriptedTurn,
  type Simulator,
  startSimulator,
  type Tokens,
} from '../../src/simulator/simulator.ts';
import { runCodexd } from '../cli/process.ts';
import { authJson, eventsIn, startCodex } from './codex-cli.ts';
import { startDaemon } from './daemon.ts';

/** How Codex talks to codexd. Codex on its own meets 426 on its WebSocket, since codexd sends turns upstream over HTTP. */
export type Transport = 'http' | 'websocket';

/** What may differ upstream. Everything else must be equal. */
const allowedDifferences: Record<string, string> = {
  'headers.authorization': 'the login is that of codexd',
  'headers.chatgpt-account-id': 'part of the login; see runDirectly',
  'headers.originator': 'identity',
  'headers.user-agent': 'identity',
  'headers.host': 'the simulator that received it',
  'headers.content-length': 'zstd implementations differ',
  'headers.connection': 'Bun sends `keep-alive`, which is the default of HTTP/1.1',
  'headers.accept-encoding': 'the same codings, with a space between them',
  'body.client_metadata.mcp_attribution':
    'Codex adds it for its built-in provider alone (docs/wire/upstream.md#codex-client-metadata)',
};

/** Ids of both sides, turn states and encrypted contents. They are numbered, so that equal ones stay equal. */
const ids =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b(?:rs|fc|msg|ctc|cmp)_[0-9a-f]{32}|\bcall_\w{24}|\bgAAAA[\w=-]+/g;
const times = /(?<="(?:create_time|turn_started_at_unix_ms)":|Wall time: |Chunk ID: )[\w.]+/g;

export interface Run {
  /** `exec` arguments, with the prompt. `resume --last` continues the run before. */
  args: string[];
  /** What the upstream replies, turn by turn. */
  script: ScriptedTurn[];
  /** Ends the program, once the upstream has received this many turns of the run. */
  interruptAfterTurns?: number;
}

export interface Conversation {
  transport: Transport;
  runs: Run[];
  /** Added to `config.toml`. */
  config?: string;
  /** Files in the working directory. */
  files?: Record<string, string | Uint8Array>;
}

export interface Ended {
  /** The turns as the upstream received them, with ids and times replaced. */
  turns: Comparable[];
  /** The same, as received. */
  requests: RecordedRequest[];
  output: string;
  events: { type: string; [key: string]: unknown }[];
  exitCodes: number[];
  /** Between the interrupt and the end of the upstream's request. */
  abortMs?: number;
  directory: string;
}

/** A request by field, e.g. `headers.session-id` and `body.input[3].call_id`. */
export type Comparable = Record<string, unknown>;

/** Runs the conversation on both ways at once. */
export async function sideBySide(
  codex: string,
  conversation: Conversation,
): Promise<{ direct: Ended; through: Ended }> {
  const [direct, through] = await Promise.all([
    runDirectly(codex, conversation),
    runThrough(codex, conversation),
  ]);
  return { direct, through };
}

/** Fields that differ without being in the table, one line each. */
export function differences(direct: Ended, through: Ended): string[] {
  const length = Math.max(direct.turns.length, through.turns.length);
  return Array.from({ length }, (_, index) => {
    const [a = {}, b = {}] = [direct.turns[index], through.turns[index]];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((key) => !Bun.deepEquals(a[key], b[key]))
      .map((key) => `turn ${index + 1}: ${key}: ${shown(a[key])} became ${shown(b[key])}`);
  }).flat();
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 300);
}

async function runDirectly(codex: string, conversation: Conversation): Promise<Ended> {
  const simulator = startSimulator();
  // With an account id, Codex would insist on an https origin and go there.
  const login = simulator.login();
  simulator.script({ for: 'websocket', status: 426, repeat: 1000 });
  const config = [
    `openai_base_url = "${simulator.upstream}/codex"`,
    `chatgpt_base_url = "${simulator.upstream}/"`,
  ];
  try {
    return await runAll(codex, conversation, { simulator, login, config });
  } finally {
    await simulator.stop();
  }
}

/** With the provider that `codexd env codex` prints. */
async function runThrough(codex: string, conversation: Conversation): Promise<Ended> {
  const simulator = startSimulator();
  const login = withAccountId(simulator.login());
  await using daemon = await startDaemon({ simulator });
  mkdirSync(join(daemon.home, '.codex'));
  writeFileSync(join(daemon.home, '.codex/auth.json'), authJson(login));
  const listen = new URL(daemon.url).host;
  const { out: provider } = await runCodexd(['env', 'codex', '--listen', listen], { home: daemon.home });
  const websockets = `supports_websockets = ${conversation.transport === 'websocket'}`;
  const config = [
    `chatgpt_base_url = "${daemon.url}/backend-api/"`,
    'model_provider = "codexd"',
    provider.replace(/^supports_websockets = .*$/m, websockets),
  ];
  try {
    return await runAll(codex, conversation, { simulator, login, config });
  } finally {
    await simulator.stop();
  }
}

interface Way {
  simulator: Simulator;
  login: Tokens;
  /** Top-level lines first. */
  config: string[];
}

async function runAll(
  codex: string,
  { runs, config = '', files = {} }: Conversation,
  way: Way,
): Promise<Ended> {
  const directory = mkdtempSync(join(tmpdir(), 'codexd-codex-'));
  const [home, work] = [join(directory, 'home'), join(directory, 'work')];
  mkdirSync(join(home, '.codex'), { recursive: true });
  mkdirSync(work);
  writeFileSync(join(home, '.codex/auth.json'), authJson(way.login));
  writeFileSync(join(home, '.codex/config.toml'), [config, ...way.config, ''].join('\n'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(work, name), content);
  const ended: Ended = { turns: [], requests: [], output: '', events: [], exitCodes: [], directory };
  for (const { args, script, interruptAfterTurns } of runs) {
    way.simulator.script(...script);
    const before = turnsOf(way.simulator).length;
    const program = startCodex(codex, ['exec', '--json', '--skip-git-repo-check', ...args], {
      cwd: work,
      home,
    });
    if (interruptAfterTurns !== undefined) {
      await way.simulator.waitFor(() => turnsOf(way.simulator).length >= before + interruptAfterTurns);
      const startMs = Date.now();
      program.kill('SIGINT');
      const aborted = await way.simulator.waitFor(({ abortedAtMs }) => abortedAtMs !== undefined);
      ended.abortMs = aborted.abortedAtMs! - startMs;
    }
    const { exitCode, out, err } = await program.ended;
    ended.exitCodes.push(exitCode);
    ended.output += out + err;
    ended.events.push(...eventsIn(out));
    const left = way.simulator.unused().filter(({ repeat }) => repeat !== 1000);
    if (left.length > 0) throw new Error(`Not requested: ${JSON.stringify(left)}\n${ended.output}`);
  }
  ended.requests = turnsOf(way.simulator);
  ended.turns = comparable(ended.requests, directory);
  rmSync(directory, { recursive: true, force: true });
  return ended;
}

function turnsOf({ requests }: Simulator): RecordedRequest[] {
  return requests.filter(
    ({ method, path }) => (method === 'POST' || method === 'FRAME') && path.includes('/codex/responses'),
  );
}

function comparable(requests: RecordedRequest[], directory: string): Comparable[] {
  const numbers = new Map<string, string>();
  const numberOf = (id: string) => numbers.get(id) ?? numbers.set(id, `id-${numbers.size + 1}`).get(id)!;
  return requests.map(({ method, path, headers, body }) => {
    const order = Object.keys(body as object);
    const request = { method, path, headers: opened(headers), body: opened(body), order };
    const text = JSON.stringify(withoutAllowed(request))
      .replaceAll(directory, 'DIRECTORY')
      .replace(ids, numberOf)
      .replace(times, '0');
    return fieldsOf(JSON.parse(text));
  });
}

/** With the JSON in its texts, such as the turn metadata, as values. Sorted: Codex's own maps have no order. */
function opened(value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith('{')) {
    try {
      return opened(JSON.parse(value));
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map(opened);
  if (!isObject(value)) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, opened(member)]));
}

function withoutAllowed(value: unknown, path = ''): unknown {
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, member, `${path}${key}`] as const);
  return Object.fromEntries(
    members
      .filter(([, , at]) => !Object.hasOwn(allowedDifferences, at))
      .map(([key, member, at]) => [key, withoutAllowed(member, `${at}.`)]),
  );
}

/** The body by its fields, and `input` by its items. */
function fieldsOf({ headers, body, ...rest }: Record<string, unknown>): Comparable {
  const { input, ...others } = body as Record<string, unknown>;
  return {
    ...rest,
    ...prefixed('headers', headers),
    ...prefixed('body', others),
    ...Object.fromEntries((input as unknown[]).map((item, index) => [`body.input[${index}]`, item])),
  };
}

function prefixed(prefix: string, members: unknown): Comparable {
  return Object.fromEntries(
    Object.entries(members as object).map(([key, value]) => [`${prefix}.${key}`, value]),
  );
}

/** The tokens as Codex stores them. */
function withAccountId(tokens: Tokens): Tokens & { account_id: string } {
  const claims = JSON.parse(Buffer.from(tokens.access_token.split('.')[1]!, 'base64url').toString());
  return { ...tokens, account_id: String(claims['https://api.openai.com/auth'].chatgpt_account_id) };
}
