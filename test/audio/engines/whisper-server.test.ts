// whisper.cpp's server: one that is already running, and one that codexd starts (docs/wire/audio.md#whisper-server).
import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../../src/audio/engines/engine.ts';
import type { EngineSettings } from '../../../src/audio/engines/settings.ts';
import { Failure } from '../../../src/failure.ts';
import { until } from '../../support/until.ts';
import { engineWith, failureOf, isAlive, jobFor, shell, standIn, temporaryDirectory } from './support.ts';

const open: { stop(closeActive?: boolean): unknown }[] = [];
const started: Engine[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) server.stop(true);
  for (const engine of started.splice(0)) await engine.memory?.close();
});

const answer = {
  task: 'transcribe',
  language: 'english',
  duration: 4,
  text: ' Hello you\n',
  segments: [
    {
      ...{ id: 0, text: ' Hello you', start: 0, end: 5, tokens: [50364], avg_logprob: null, temperature: 0 },
      words: [
        { word: ' Hel', start: 0, end: 1, t_dtw: -1, probability: 0.9 },
        { word: 'lo', start: 1, end: 2, t_dtw: -1, probability: 0.8 },
        { word: ' you', start: 2, end: 9, t_dtw: -1, probability: 0.7 },
      ],
    },
  ],
};

function serve(fetch: (request: Request) => Response | Promise<Response>) {
  const server = Bun.serve({ port: 0, idleTimeout: 0, fetch });
  open.push(server);
  return `http://127.0.0.1:${server.port}`;
}
const at = (url: string, more: Partial<EngineSettings> = {}) =>
  engineWith({ id: 'whisper-server', kind: 'whisper-server', url, ...more });

describe('a server that is there', () => {
  test('what is sent and what is made of the answer: the table of probabilities is not asked for', async () => {
    const forms: [string, Record<string, unknown>][] = [];
    const url = serve(async (request) => {
      const form = await request.formData();
      forms.push([
        new URL(request.url).pathname,
        Object.fromEntries(
          [...form].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]),
        ),
      ]);
      return Response.json(answer);
    });
    const engine = at(url);
    const result = await engine.transcribe(jobFor(engine, { words: true, task: 'translate', prompt: 'Hm' }));
    expect(forms).toEqual([
      [
        '/inference',
        {
          ...{
            file: 'audio.wav',
            response_format: 'verbose_json',
            no_language_probabilities: 'true',
            language: 'auto',
          },
          ...{ temperature: '0', token_timestamps: 'true', translate: 'true', prompt: 'Hm' },
        },
      ],
    ]);
    expect(result).toEqual({
      ...{ text: ' Hello you\n', language: 'en', durationS: 4 },
      segments: [{ start: 0, end: 4, text: ' Hello you', whisper: { tokens: [50364], temperature: 0 } }],
      words: [
        { start: 0, end: 2, word: 'Hello', confidence: 0.8 },
        { start: 2, end: 4, word: 'you', confidence: 0.7 },
      ],
    });
    const moved = at(`${url}/v1/audio/transcriptions`);
    await moved.transcribe(jobFor(moved, { language: 'de', temperature: 0.4 }));
    expect(forms[1]).toMatchObject(['/v1/audio/transcriptions', { language: 'de', temperature: '0.4' }]);
  });

  test.each([
    ['bad audio', 400, { kind: 'invalid_request', status: 400 }],
    ['any other error is a 404', 404, { kind: 'upstream_broke', code: 'engine_failed', status: 502 }],
  ])('%s', async (_, status, failure) => {
    const engine = at(serve(() => new Response('File Not Found (model)', { status })));
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject(failure);
  });

  test('it has one model, and no other is taken for it', async () => {
    const engine = at(
      serve(() => Response.json(answer)),
      { model: 'base.en' },
    );
    expect(await failureOf(engine.transcribe(jobFor(engine, { model: 'large' })))).toMatchObject({
      code: 'model_not_found',
    });
    expect((await engine.transcribe(jobFor(engine))).text).toBe(' Hello you\n');
  });

  test('one job at a time; the timeout starts with its turn, and aborted jobs leave the queue', async () => {
    let inside = 0;
    let most = 0;
    const gates: PromiseWithResolvers<void>[] = [];
    const url = serve(async () => {
      most = Math.max(most, ++inside);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      inside--;
      return Response.json(answer);
    });
    const engine = at(url, { timeoutSeconds: 1.5 });
    const control = new AbortController();
    const first = engine.transcribe(jobFor(engine));
    const leaver = engine.transcribe(jobFor(engine, { signal: control.signal }));
    const third = engine.transcribe(jobFor(engine));
    await until(() => gates.length === 1);
    const reason = new Failure('cancelled', 'gone');
    control.abort(reason);
    expect(await leaver.catch((thrown) => thrown)).toBe(reason);
    // The first job times out. The third one's timeout starts only then; otherwise it would be over by now.
    expect(await failureOf(first)).toMatchObject({ code: 'engine_timeout' });
    await until(() => gates.length === 2);
    for (const gate of gates) gate.resolve();
    expect((await third).text).toBe(' Hello you\n');
    expect(gates).toHaveLength(2);
  });

  test('readiness', async () => {
    const health = (status: number, body: object) => at(serve(() => Response.json(body, { status })));
    expect(await health(200, { status: 'ok' }).probe()).toMatchObject({ ready: true });
    expect(await health(200, { status: 'ok' }).available()).toEqual(['default']);
    expect(await health(503, {}).probe()).toMatchObject({
      ready: false,
      why: 'it is still loading its model',
    });
    expect(await health(404, {}).probe()).toMatchObject({
      ready: false,
      why: expect.stringContaining('is not a whisper-server'),
    });
    const gone = at('http://127.0.0.1:1');
    expect(await gone.probe()).toMatchObject({
      ready: false,
      why: 'no server responds at http://127.0.0.1:1',
    });
    expect(await gone.available()).toEqual([]);
  });
});

describe('a server of our own', () => {
  /** Writes a line per start, has a helper, crashes if the form says so, and reports twice that it is loading. */
  const program = `
import { appendFileSync, existsSync } from 'node:fs';
import { until } from '../../support/until.ts';
const helper = Bun.spawn(['sleep', '1000']);
appendFileSync(process.env.STARTS!, process.pid + ' ' + helper.pid + ' ' + args.join(' ') + '\\n');
let asked = 0;
Bun.serve({
  hostname: '127.0.0.1',
  port: Number(args[args.indexOf('--port') + 1]),
  async fetch(request) {
    if (request.url.endsWith('/health')) return ++asked < 3 ? new Response('', { status: 503 }) : Response.json({ status: 'ok' });
    const prompt = (await request.formData()).get('prompt');
    if (prompt === 'wait') {
      await Bun.write(process.env.STARTS + '.waiting', '');
      return new Promise(() => {});
    }
    if (prompt === 'crash' || (prompt === 'crash once' && !existsSync(process.env.STARTS + '.crashed'))) {
      await Bun.write(process.env.STARTS + '.crashed', '');
      process.kill(process.pid, 'SIGKILL');
    }
    return Response.json({ text: 'Hello' });
  },
});`;

  function own(more: Partial<EngineSettings> = {}, code = program) {
    const dir = temporaryDirectory();
    standIn(dir, 'whisper-server', code);
    writeFileSync(join(dir, 'ggml-base.bin'), 'lmgg');
    const STARTS = join(dir, 'starts');
    const engine = engineWith(
      {
        ...{ id: 'whisper-server', kind: 'whisper-server', model: 'base', modelDirs: [dir] },
        start: ['whisper-server', '-m', '{model}', '--port', '{port}', '-t', '{threads}'],
        ...more,
      },
      { bin: dir, env: { STARTS }, homedir: dir },
    );
    started.push(engine);
    const starts = () =>
      readFileSync(STARTS, 'utf8')
        .trim()
        .split('\n')
        .map((line) => {
          const [pid, helper, ...args] = line.split(' ');
          return { pids: [Number(pid), Number(helper)], args };
        });
    return { engine, starts, dir };
  }

  test('starts once on first use with the path of the model, and is stopped together with its helpers', async () => {
    const { engine, starts, dir } = own();
    expect(await engine.probe()).toMatchObject({ ready: true, detail: 'starts on demand' });
    const result = await Promise.all([engine.transcribe(jobFor(engine)), engine.transcribe(jobFor(engine))]);
    expect(result).toEqual([{ text: 'Hello' }, { text: 'Hello' }]);
    expect(starts()).toHaveLength(1);
    expect(starts()[0]!.args).toEqual([
      '-m',
      join(dir, 'ggml-base.bin'),
      '--port',
      expect.stringMatching(/^\d+$/),
      '-t',
      '4',
    ]);
    expect(await engine.probe()).toMatchObject({ detail: 'running' });
    expect(starts()[0]!.pids.map(isAlive)).toEqual([true, true]);
    await engine.memory?.close();
    for (const pid of starts()[0]!.pids) await until(() => !isAlive(pid));
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      kind: 'unavailable',
      code: 'shutting_down',
    });
  });

  test('pinned it is started ahead, and stays when it is idle', async () => {
    const { engine, starts } = own({ idleSeconds: 0.01 });
    expect(engine.memory!.loaded()).toBeUndefined();
    await engine.memory!.pin();
    expect(engine.memory!.loaded()).toMatchObject({ model: 'base', isPinned: true, activeJobs: 0 });
    await engine.transcribe(jobFor(engine));
    const other = own({ idleSeconds: 0.01 });
    await other.engine.transcribe(jobFor(other.engine));
    await until(() => other.engine.memory!.loaded() === undefined);
    expect(starts()[0]!.pids.map(isAlive)).toEqual([true, true]);
    await engine.transcribe(jobFor(engine));
    expect(starts()).toHaveLength(1);
  });

  test('released it is out of memory, and the next job starts it again', async () => {
    const { engine, starts } = own();
    await engine.memory!.pin();
    await engine.memory!.release();
    for (const pid of starts()[0]!.pids) await until(() => !isAlive(pid));
    expect(engine.memory!.loaded()).toBeUndefined();
    expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'Hello' });
    expect(starts()).toHaveLength(2);
    expect(engine.memory!.loaded()).toMatchObject({ isPinned: true });
  });

  test('released under a job, the job fails and is not begun again', async () => {
    const { engine, starts, dir } = own();
    const result = failureOf(engine.transcribe(jobFor(engine, { prompt: 'wait' })));
    await until(() => existsSync(join(dir, 'starts.waiting')));
    expect(engine.memory!.loaded()).toMatchObject({ isPinned: false, activeJobs: 1 });
    await engine.memory!.release();
    expect(await result).toMatchObject({ kind: 'unavailable', code: 'shutting_down' });
    expect(starts()).toHaveLength(1);
  });

  test('released while it starts: nothing is left, and who waits is told', async () => {
    const { engine } = own();
    const ended = { kind: 'unavailable', code: 'shutting_down' };
    const pinned = failureOf(engine.memory!.pin());
    await engine.memory!.release();
    expect(await pinned).toMatchObject(ended);
    const result = failureOf(engine.transcribe(jobFor(engine)));
    await until(() => engine.memory!.loaded() !== undefined);
    await engine.memory!.release();
    expect(await result).toMatchObject(ended);
    expect(engine.memory!.loaded()).toBeUndefined();
    expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'Hello' });
  });

  test('a crash under the work: it is started again and asked once more; twice is a failure', async () => {
    const { engine, starts } = own();
    expect(await engine.transcribe(jobFor(engine, { prompt: 'crash once' }))).toEqual({ text: 'Hello' });
    expect(starts()).toHaveLength(2);
    for (const pid of starts()[0]!.pids) await until(() => !isAlive(pid));
    expect(await failureOf(engine.transcribe(jobFor(engine, { prompt: 'crash' })))).toMatchObject({
      code: 'engine_unreachable',
    });
    expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'Hello' });
  });

  test('killed while idle: the next job has a new one', async () => {
    const { engine, starts } = own();
    await engine.transcribe(jobFor(engine));
    process.kill(starts()[0]!.pids[0]!, 'SIGKILL');
    expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'Hello' });
    expect(starts()).toHaveLength(2);
  });

  test('idle for long enough it is ended, and started again when it is needed', async () => {
    const { engine, starts } = own({ idleSeconds: 0.05 });
    await engine.transcribe(jobFor(engine));
    for (const pid of starts()[0]!.pids) await until(() => !isAlive(pid));
    expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'Hello' });
    expect(starts()).toHaveLength(2);
  });

  test('one that ends while it starts is told by its own words, and is tried again next time', async () => {
    const { engine, dir } = own({}, 'console.error("cannot load the model"); process.exit(3);');
    const failure = {
      kind: 'unavailable',
      code: 'engine_unavailable',
      message: expect.stringContaining('cannot load the model'),
    };
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject(failure);
    standIn(dir, 'whisper-server', program);
    expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'Hello' });
  });

  test('one that never gets ready: the client need not wait, and closing ends it', async () => {
    const dir = temporaryDirectory();
    shell(dir, 'whisper-server', `echo $$ > '${dir}/pid'; sleep 1000`);
    const engine = engineWith(
      { id: 'whisper-server', kind: 'whisper-server', start: ['whisper-server', '{port}'] },
      { bin: dir, homedir: dir },
    );
    const control = new AbortController();
    const result = engine.transcribe(jobFor(engine, { signal: control.signal }));
    await until(() => Bun.file(join(dir, 'pid')).size > 0);
    const reason = new Failure('cancelled', 'gone');
    control.abort(reason);
    expect(await result.catch((thrown) => thrown)).toBe(reason);
    await engine.memory?.close();
    await until(() => !isAlive(Number(readFileSync(join(dir, 'pid'), 'utf8'))));
  });

  test('a missing program', async () => {
    const engine = engineWith(
      { id: 'mine', kind: 'whisper-server', start: ['whisper-server', '{port}'] },
      { bin: temporaryDirectory(), homedir: temporaryDirectory() },
    );
    expect(await engine.probe()).toMatchObject({ ready: false, why: 'whisper-server is not on PATH' });
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      code: 'engine_unavailable',
      status: 503,
    });
  });

  test('the engine for OpenAI-compatible servers runs one in the same way', async () => {
    const dir = temporaryDirectory();
    const code = `
Bun.serve({ hostname: '127.0.0.1', port: Number(args[0]), fetch: ({ url }) =>
  Response.json(url.endsWith('/v1/audio/transcriptions') ? { text: 'Hello' } : { data: [] }, { status: url.includes('/v1/') ? 200 : 404 }) });`;
    standIn(dir, 'speaches', code);
    const engine = engineWith(
      {
        id: 'speaches',
        kind: 'openai',
        model: 'm',
        start: ['speaches', '{port}'],
        url: 'http://127.0.0.1:{port}/v1',
      },
      { bin: dir, homedir: dir },
    );
    started.push(engine);
    expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'Hello' });
    expect(await engine.available()).toEqual(['m']);
  });
});
