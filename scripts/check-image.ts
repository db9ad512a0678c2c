// Builds the image from what is committed and runs its entry point as its user on a read-only root: health, a chat, a SILK file by the
// bundled rust-silk, SIGTERM. Prints what it saw, and exits with 1 at the first surprise.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildahEngine } from './image/buildah.ts';
import { dockerEngine } from './image/docker.ts';
import { type Image, output } from './image/engine.ts';

const root = join(import.meta.dir, '..');
const key = 'a-key-made-for-this-check';
const recording = readFileSync(join(root, 'test/fixtures/silk/20ms-plain.silk'));

const engine = canRun(['docker', 'info']) ? dockerEngine : buildahEngine;
const commit = output(['git', '-C', root, 'rev-parse', '--short=12', 'HEAD']);
const context = mkdtempSync(join(tmpdir(), 'codexd-image-'));
output(['sh', '-c', 'git -C "$0" archive HEAD | tar -x -C "$1"', root, context]);
console.log(`building ${commit} with ${engine.name}`);
const image = engine.build(context, { COMMIT: commit, VERSION: '0.0.0-check' });
rmSync(context, { recursive: true });
try {
  await check(image);
} finally {
  image.remove();
}

async function check({ config, command }: Image): Promise<void> {
  const { User, Entrypoint, Cmd, Healthcheck, Labels } = config;
  show('user', User, '10001:65534');
  show('health check', Healthcheck.Test.join(' '), 'CMD codexd health');
  show('revision', Labels['org.opencontainers.image.revision'], commit);
  const run = (argv: string[], env = {}) => output(command(argv, env));
  show('version', run([...Entrypoint, '--version']), new RegExp(commit));
  show('user ID', run(['id', '-u']), '10001');
  show('rust-silk', run(['rust-silk', '--version']), /silk-sdk/);
  show('writing to /usr', run(['sh', '-c', 'touch /usr/x 2>/dev/null || echo refused']), 'refused');

  const port = await freePort();
  // The variables of codex-asr's deployment.
  const env = { CODEX_ASR_SERVER_KEY: key, CODEX_ASR_MAX_UPLOAD_MB: '51', CODEXD_LISTEN: `0.0.0.0:${port}` };
  const serve = [...Entrypoint, ...Cmd, '--demo'];
  await using daemon = start(command(serve, env), port);
  await daemon.ready;
  show('GET /healthz', await (await fetch(`${daemon.url}/healthz`)).text(), /"status":"ok"/);
  show('codexd health', run(Healthcheck.Test.slice(1), env), `healthy: 0.0.0.0:${port}`);
  show('without a key', (await fetch(`${daemon.url}/v1/models`)).status, 401);
  const chat = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Say plover.' }] };
  show('chat', await daemon.post('/v1/chat/completions', Response.json(chat)), /plover/);
  show('SILK file', await daemon.post('/v1/audio/transcriptions', upload()), /1\.20 seconds of sound/);
  show('exit status after SIGTERM', await daemon.stop(), 0);

  const broken = { ...env, CODEXD_TRANSCRIPTION_SILK_DECODER: '/bin/false' };
  await using other = start(command(serve, broken), port);
  await other.ready;
  show(
    'SILK file with a broken decoder in its place',
    await other.post('/v1/audio/transcriptions', upload()),
    /"error"/,
  );
}

interface Daemon extends AsyncDisposable {
  url: string;
  ready: Promise<void>;
  /** Sends what `body` contains; returns the response's text. */
  post(path: string, body: Response): Promise<string>;
  stop(): Promise<number>;
}

function start(command: string[], port: number): Daemon {
  const child = Bun.spawn(command, { stdout: 'inherit', stderr: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => {
    child.kill('SIGTERM');
    return child.exited;
  };
  return {
    url,
    ready: untilReady(url, child),
    post: async (path, { body, headers }) => {
      headers.set('authorization', `Bearer ${key}`);
      return (await fetch(url + path, { method: 'POST', body, headers })).text();
    },
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

async function untilReady(url: string, child: Bun.Subprocess): Promise<void> {
  while (child.exitCode === null) {
    if (
      await fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await Bun.sleep(50);
  }
  throw new Error(`the daemon exited with ${child.exitCode}`);
}

function upload(): Response {
  const form = new FormData();
  form.set('model', 'whisper-1');
  form.set('file', new File([recording], 'voice.silk'));
  return new Response(form);
}

/** Prints what was seen; throws if it is not what was expected. */
function show(what: string, seen: unknown, expected: RegExp | string | number): void {
  console.log(`${what}: ${seen}`);
  const fits = expected instanceof RegExp ? expected.test(String(seen)) : seen === expected;
  if (!fits) throw new Error(`${what}: expected ${expected}`);
}

function canRun(command: string[]): boolean {
  try {
    return Bun.spawnSync(command, { stdout: 'ignore', stderr: 'ignore' }).success;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
