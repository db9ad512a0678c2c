// Which room may import which: checks the import lines of src.
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(import.meta.dir, '../..');
const hub = ['responses', 'failure', 'reset-time'];
/** Helpers that every room may use and that depend on no room. */
const ground = 'base';

const vendors = ['openai', 'anthropic', 'ollama'];
/** What the handlers of an API may use. */
const handlers = [
  ...hub,
  ...['apis', 'apis/api', 'types:apis/services'],
  ...['log', 'models', 'server', 'stream', 'turns', 'types:store', 'store/layered-responses', 'upstream'],
];

/** Rooms a room may import besides itself. `types:` allows `import type` only. */
const table: Record<string, readonly string[]> = {
  [ground]: [],
  failure: [],
  log: [],
  version: [],
  'reset-time': [],
  // Access to the operating system: files, processes, environments.
  system: [],
  stream: ['failure', 'log'],
  config: ['failure', 'log', 'types:keys/api-key', 'types:audio/engines/settings'],
  // The daemon's API keys. Their limits are part of the configuration, so that file imports nothing.
  'keys/api-key': [],
  'keys/login-tokens': [],
  keys: ['failure', 'log', 'reset-time', 'system', 'keys/api-key'],
  // Logins of programs to the daemon: each becomes one of its keys.
  gateway: ['failure', 'types:keys', 'keys/login-tokens'],
  auth: ['failure', 'log', 'system'],
  models: ['failure', 'log', 'system'],
  // `log` for redact(): messages may quote the upstream's errors.
  responses: ['failure', 'log', 'stream'],
  audio: ['failure', 'log', 'stream', 'system', 'audio/engines/settings'],
  // Engines declare their settings; the configuration parses tables into them.
  'audio/engines/settings': ['types:log'],
  // Shared by the APIs, and pure.
  apis: hub,
  // The type of an API, and the list of APIs with their routes. Imports only types of what handlers use.
  'apis/api': [...hub, 'types:models', 'types:server', 'types:apis/services'],
  'apis/services': [
    ...['log', 'audio', 'gateway', 'ledger', 'models', 'server', 'store', 'stream', 'turns', 'upstream'].map(
      (room) => `types:${room}`,
    ),
    ...['apis/codexd', 'apis/ollama/routes', 'apis/openai/transcriptions'].map((room) => `types:${room}`),
  ],
  'apis/routes': [...hub, 'types:server', 'types:apis/api', 'types:apis/services'],
  'apis/openapi': ['failure', 'types:apis/api', 'types:apis/services'],
  'apis/explained': ['responses', 'server', 'types:apis/api'],
  'apis/index': ['types:apis/api', ...vendors.map((vendor) => `apis/${vendor}/api`), 'apis/codexd'],
  // A vendor's endpoints are pure, its handlers are not, and no vendor imports another.
  ...Object.fromEntries(
    vendors.flatMap((vendor): [string, string[]][] => {
      const own = [`apis/${vendor}`, `apis/${vendor}/routes`];
      return [
        [`apis/${vendor}`, [...hub, 'apis', 'stream', 'types:models']],
        [`apis/${vendor}/routes`, [...handlers, ...own]],
        [`apis/${vendor}/api`, [...hub, 'apis', 'apis/api', 'types:server', ...own]],
      ];
    }),
  ),
  'apis/openai/transcriptions': [...hub, 'apis', 'apis/openai', 'audio', 'stream'],
  'apis/openai/routes': [...handlers, 'apis/openai', 'apis/openai/transcriptions', 'audio'],
  'apis/anthropic/routes': [...handlers, 'apis/anthropic', 'gateway'],
  'apis/codexd': [...handlers, 'apis/openai'],
  upstream: ['responses', 'stream', 'failure', 'log', 'system'],
  turns: ['types:keys/api-key', 'failure', 'models', 'reset-time', 'responses', 'upstream'],
  // Earlier responses; whose they are depends on the caller.
  store: ['failure', 'log', 'responses', 'types:turns'],
  // Looks into stores that exist already.
  'store/layered-responses': ['types:store'],
  // Counts of calls on disk: an observer of call records, and what reads its file.
  ledger: ['types:log', 'turns'],
  // Counts of calls for Prometheus: an observer of call records and of the upstream.
  metrics: ['types:failure', 'types:ledger', 'types:responses', 'types:turns', 'types:upstream'],
  simulator: ['failure', 'log', 'stream'],
  // Beneath the upstream's client: what it sends and receives, as files.
  recordings: ['failure', 'types:log', 'system'],
  // Pure, for programs that bundle nothing else.
  'library/translators': [
    ...hub,
    ...vendors.map((vendor) => `apis/${vendor}`),
    'library/stream-translation',
    'types:models',
  ],
  'library/stream-translation': hub,
  // Replaces Bun's API on Node.
  'library/node': ['failure', 'config', 'types:upstream'],
  server: [
    'types:keys',
    'keys/login-tokens',
    'keys/api-key',
    'failure',
    'log',
    'system',
    'stream',
    'responses',
    'models',
    'turns',
    'upstream',
    'audio',
  ],
};
/** These connect everything. */
const mayImportAll = ['app', 'cli', 'main', 'library'];
/** No other room may import these; `app` is for `cli` and `library`, never the other way round. */
const onlyForCli = ['app', 'cli', 'main', 'simulator', 'library'];

interface Import {
  file: string;
  line: number;
  target: string;
  typeOnly: boolean;
}

/** The room of a file in src: the longest matching name in the table. */
function roomOf(file: string): string {
  const path = file.replace(/^src\//, '').replace(/\.ts$/, '');
  const rooms = [...Object.keys(table), ...mayImportAll].sort((a, b) => b.length - a.length);
  return rooms.find((room) => path === room || path.startsWith(`${room}/`)) ?? `unknown room of ${file}`;
}

function importsOf(file: string, text: string): Import[] {
  const statement =
    /^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'(\.[^']*)'|^\s*import\s+'(\.[^']*)'|\bimport\('(\.[^']*)'\)/gm;
  return [...text.matchAll(statement)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    target: normalize(join(dirname(file), match[2] ?? match[3] ?? match[4] ?? '')),
    typeOnly: match[1] !== undefined,
  }));
}

function isAllowed({ file, target, typeOnly }: Import): boolean {
  const [from, to] = [roomOf(file), roomOf(target)];
  // `codexd service` installs the files of deploy/.
  if (target.startsWith('deploy/')) return from === 'cli';
  if (!target.startsWith('src/')) return target === 'package.json' && from === 'version';
  if (from === 'app' && ['cli', 'main', 'library'].includes(to)) return false;
  if (from.startsWith('library') !== to.startsWith('library') && ['cli', 'main', 'library'].includes(to))
    return false;
  if (from === to || to === ground || mayImportAll.includes(from)) return true;
  if (onlyForCli.includes(to)) return false;
  const allowed = table[from] ?? [];
  return allowed.includes(to) || (typeOnly && allowed.includes(`types:${to}`));
}

/** Groups of files that import each other, directly or indirectly. */
function cyclesOf(all: readonly Import[]): string[] {
  const targets = Map.groupBy(all, ({ file }) => file);
  const reachable = (start: string): Set<string> => {
    const found = new Set<string>();
    const next = [start];
    for (let file = next.pop(); file !== undefined; file = next.pop()) {
      for (const { target } of targets.get(file) ?? []) {
        if (!found.has(target)) next.push(target);
        found.add(target);
      }
    }
    return found;
  };
  const reach = new Map([...targets.keys()].map((file) => [file, reachable(file)]));
  const groups = [...reach].flatMap(([file, found]) => {
    if (!found.has(file)) return [];
    return [...found]
      .filter((other) => reach.get(other)?.has(file))
      .sort()
      .join(', ');
  });
  return [...new Set(groups)];
}

const files = [...new Bun.Glob('src/**/*.ts').scanSync({ cwd: root })].sort();
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));

describe('the import table', () => {
  test('holds for every file of src', () => {
    const broken = imports.filter((one) => !isAllowed(one));
    expect(broken.map(({ file, line, target }) => `${file}:${line} imports ${target}`)).toEqual([]);
  });

  test('leaves no import cycles between files', () => {
    expect(cyclesOf(imports)).toEqual([]);
  });

  test('finds cycles, of types too', () => {
    const edge = (file: string, target: string) => ({ file, line: 1, target, typeOnly: true });
    const edges = [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
      ['c', 'd'],
      ['d', 'd'],
      ['e', 'a'],
    ] as const;
    expect(cyclesOf(edges.map(([file, target]) => edge(file, target)))).toEqual(['b, c', 'd']);
  });

  test('knows every room', () => {
    expect(files.map(roomOf).filter((room) => room.startsWith('unknown'))).toEqual([]);
  });

  test('is read from real import lines', () => {
    expect(imports.length).toBeGreaterThan(files.length);
    const text = [
      "import { a,\n  b } from '../log.ts';",
      "import type { C } from './d.ts';",
      "export { e } from '../responses/event.ts';",
      "import './f.ts';",
      "const g = await import('../cli/run.ts');",
    ].join('\n');
    expect(importsOf('src/stream/x.ts', text).map(({ target, typeOnly }) => [target, typeOnly])).toEqual([
      ['src/log.ts', false],
      ['src/stream/d.ts', true],
      ['src/responses/event.ts', false],
      ['src/stream/f.ts', false],
      ['src/cli/run.ts', false],
    ]);
  });

  const judged: [string, string, boolean, boolean][] = [
    ['src/stream/form.ts', 'src/log.ts', false, true],
    ['src/stream/form.ts', 'src/responses/event.ts', true, false],
    ['src/stream/form.ts', 'src/base/abort.ts', false, true],
    ['src/base/abort.ts', 'src/failure.ts', true, false],
    ['src/apis/openai/chat/request.ts', 'src/apis/openai/errors.ts', false, true],
    ['src/apis/openai/errors.ts', 'src/responses/translator.ts', true, true],
    ['src/apis/openai/models.ts', 'src/models/model.ts', true, true],
    ['src/apis/openai/models.ts', 'src/models/aliases.ts', false, false],
    ['src/apis/openai/chat/request.ts', 'src/apis/anthropic/errors.ts', true, false],
    ['src/upstream/client.ts', 'src/auth/source.ts', true, false],
    ['src/server/serve.ts', 'src/auth/source.ts', false, false],
    ['src/server/serve.ts', 'src/apis/routes.ts', true, false],
    ['src/apis/anthropic/routes.ts', 'src/server/body.ts', false, true],
    ['src/apis/anthropic/messages/request.ts', 'src/server/body.ts', false, false],
    ['src/apis/ollama/routes/backend.ts', 'src/apis/openai/errors.ts', false, false],
    ['src/server/serve.ts', 'src/simulator/simulator.ts', false, false],
    ['src/app/demo.ts', 'src/simulator/simulator.ts', false, true],
    ['src/cli/serve.ts', 'src/app/daemon.ts', false, true],
    ['src/app/daemon.ts', 'src/cli/session.ts', true, false],
    ['src/library/client.ts', 'src/app/services.ts', false, true],
    ['src/library/client.ts', 'src/cli/session.ts', true, false],
    ['src/library/translators.ts', 'src/apis/index.ts', false, false],
    ['src/cli/serve.ts', 'src/library/server.ts', true, false],
    ['src/turns/run.ts', 'src/server/exchange.ts', true, false],
    ['src/simulator/simulator.ts', 'src/responses/event.ts', true, false],
    ['src/server/serve.ts', 'src/cli/session.ts', true, false],
  ];
  test.each(judged)('%s importing %s (type only: %p) is allowed: %p', (file, target, typeOnly, allowed) => {
    expect(isAllowed({ file, line: 1, target, typeOnly })).toBe(allowed);
  });
});

describe('these APIs have one owner each', () => {
  const owners: [string, RegExp, RegExp][] = [
    ['process.env', /\bprocess\.env\b|\bBun\.env\b/, /^src\/config\/env\.ts$/],
    [
      'argv, exit, signals and streams',
      /\bprocess\.(argv|exit|on|once|stdin|stdout|stderr|execve)\b/,
      /^src\/(cli\/|main\.ts|library\/options\.ts)/,
    ],
    ['abort listeners', /addEventListener\('abort'/, /^src\/base\/abort\.ts$/],
    ["Bun's direct streams", /\bReadableStreamDirectController\b/, /^src\/server\/direct-stream\.ts$/],
    ['the C library', /'bun:ffi'/, /^src\/(system\/datagrams|auth\/flock|library\/node\/runtime)\.ts$/],
    ['Bun.serve', /\bBun\.serve\b/, /^src\/(server\/serve|auth\/callback|simulator\/\w+)\.ts$/],
  ];
  test.each(owners)('%s', (_, pattern, owner) => {
    const code = (file: string) =>
      readFileSync(join(root, file), 'utf8')
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/\/\/.*$/gm, '');
    const users = files.filter((file) => pattern.test(code(file)));
    expect(users.filter((file) => !owner.test(file))).toEqual([]);
    expect(users.length).toBeGreaterThan(0);
  });
});
