// Uploads on disk: what is read, what is refused, and that nothing is left behind (docs/wire/audio.md#no-length,
// #file-limit, #no-local-path, #upload-name, #bad-forms, #part-type, #key-first, #wait-for-exit, #uploads-on-disk).
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { receiveUpload, type Upload } from '../../../../src/apis/openai/routes/upload.ts';
import { WorkDirectories } from '../../../../src/audio/work-directory.ts';
import { Failure } from '../../../../src/failure.ts';
import { until } from '../../../support/until.ts';

const limitBytes = 4096;
const slackBytes = 1024 * 1024;
const stay = new AbortController().signal;
const typed = { 'content-type': 'multipart/form-data; boundary=b' };
const end = '--b--\r\n';

let parent: string;
let directories: WorkDirectories;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'codexd-test-'));
  directories = directoriesIn(parent);
});
afterEach(() => rmSync(parent, { recursive: true }));

const directoriesIn = (where: string) =>
  new WorkDirectories({ parent: where, pid: process.pid, isAlive: () => false });

function part(name: string, content: string, rest = '', type = ''): string {
  const head = `Content-Disposition: form-data; name="${name}"${rest}`;
  return `--b\r\n${head}\r\n${type === '' ? '' : `Content-Type: ${type}\r\n`}\r\n${content}\r\n`;
}

function file(content: string, rest = '; filename="a.wav"'): string {
  return part('file', content, rest);
}

function post(body: string | ReadableStream | undefined, headers: Record<string, string> = typed): Request {
  return new Request('http://localhost/', {
    method: 'POST',
    headers,
    ...(body === undefined ? {} : { body }),
  });
}

/** A body in chunks of `length` bytes, without a declared length. */
function inPieces(body: string, length: number): ReadableStream {
  const bytes = new TextEncoder().encode(body);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + length));
      at += length;
    },
  });
}

function receive(request: Request, signal = stay, idleMs?: number): Promise<Upload> {
  return receiveUpload(
    { request: request },
    { limitBytes, ...(idleMs === undefined ? {} : { idleMs }) },
    directories,
    signal,
  );
}

async function refusalOf(receiving: Promise<unknown>): Promise<Failure> {
  const outcome = await receiving.catch((thrown: unknown) => thrown);
  expect(readdirSync(parent)).toEqual([]);
  if (outcome instanceof Failure) return outcome;
  throw new Error('expected a Failure', { cause: outcome });
}

describe('what is read', () => {
  test('fields in their order, and the file on disk, until it is disposed of', async () => {
    const body =
      part('model', 'whisper-1') + file('RIFF\r\n--', '; filename="a.wav"') + part('x[]', 'ü') + end;
    const upload = await receive(post(body));
    expect(upload.fields).toEqual([
      ['model', 'whisper-1'],
      ['x[]', 'ü'],
    ]);
    expect(upload.file).toMatchObject({ bytes: 8, filename: 'a.wav', type: 'text/plain' });
    expect(readFileSync(upload.file!.path, 'utf8')).toBe('RIFF\r\n--');
    expect(upload.extraFiles).toEqual([]);
    await upload[Symbol.asyncDispose]();
    expect(readdirSync(parent)).toEqual([]);
  });

  test('names of our own in a directory that is ours alone', async () => {
    await using upload = await receive(post(file('x', '; filename="../../etc/passwd"') + end));
    const { path } = upload.file!;
    expect(dirname(dirname(path))).toBe(parent);
    expect(basename(path)).toBe('recording');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  const names: [rest: string, filename: string][] = [
    ['; filename="a.wav"', 'a.wav'],
    ["; filename*=UTF-8''%e2%82%ac.wav", '€.wav'],
    ['; filename="a%22b.wav"', 'a%22b.wav'],
    ['; filename="日本.wav"', '日本.wav'],
    ['; filename=""', ''],
    ['; filename="C:\\dir\\a.wav"', 'a.wav'],
  ];
  test.each(names)('%s is a file', async (rest, filename) => {
    await using upload = await receive(post(file('RIFF', rest) + end));
    expect(upload.file).toMatchObject({ bytes: 4, filename });
  });

  test('a part with an audio type and no name is a file, too', async () => {
    await using upload = await receive(post(part('file', 'RIFF', '', 'audio/wav') + end));
    expect(upload.file).toMatchObject({ bytes: 4, filename: undefined, type: 'audio/wav' });
  });

  test('one of another name and the type of any bytes is a file nobody asked for', async () => {
    await using upload = await receive(post(part('audio', 'RIFF', '', 'application/octet-stream') + end));
    expect(upload).toMatchObject({ fields: [], extraFiles: ['audio'] });
  });

  test('a file sent as text is a field, a file of another name is named', async () => {
    await using upload = await receive(
      post(part('file', 'RIFF') + part('audio', 'RIFF', '; filename="a"') + end),
    );
    expect(upload).toMatchObject({ fields: [['file', 'RIFF']], extraFiles: ['audio'] });
    expect(upload.file).toBeUndefined();
  });

  test('an empty file is told as one', async () => {
    await using upload = await receive(post(file('') + end));
    expect(upload.file?.bytes).toBe(0);
  });

  test('nothing, when there is nothing', async () => {
    await using upload = await receive(post(end));
    expect(upload).toMatchObject({ fields: [], extraFiles: [] });
  });

  test.each([1, 2, 3, 7, 64, 1000])('the same in pieces of %d bytes', async (length) => {
    const body = part('model', 'whisper-1') + file('RIFF\r\n--\r\n-b') + part('language', 'de') + end;
    await using upload = await receive(post(inPieces(`preamble\r\n${body}epilogue`, length)));
    expect(upload.fields).toEqual([
      ['model', 'whisper-1'],
      ['language', 'de'],
    ]);
    expect(readFileSync(upload.file!.path, 'utf8')).toBe('RIFF\r\n--\r\n-b');
  });

  test('the limit is the file alone', async () => {
    const most = 'x'.repeat(limitBytes);
    await using upload = await receive(post(part('prompt', 'p'.repeat(limitBytes)) + file(most) + end));
    expect(upload.file?.bytes).toBe(limitBytes);
  });
});

describe('what is refused', () => {
  const refused: [name: string, request: () => Request, status: number, expected: object][] = [
    [
      'JSON without a recording',
      () => post('{}', { 'content-type': 'application/json' }),
      400,
      { param: 'input_audio' },
    ],
    [
      'a form of another kind',
      () => post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      { code: 'unsupported_media_type' },
    ],
    ['a bare recording', () => post('RIFF', { 'content-type': 'audio/wav' }), 415, {}],
    ['no content type', () => post(inPieces('x', 1), {}), 415, {}],
    ['a compressed form', () => post(end, { ...typed, 'content-encoding': 'gzip' }), 415, {}],
    ['no boundary', () => post(end, { 'content-type': 'multipart/form-data' }), 400, {}],
    ['another boundary', () => post(file('x').replace('--b', '--c')), 400, {}],
    ['no final boundary', () => post(file('x')), 400, {}],
    ['an end inside a file', () => post(file('x').slice(0, -3)), 400, {}],
    ['an end inside a field', () => post(part('x', 'y').slice(0, -3)), 400, {}],
    ['an end inside a head', () => post('--b\r\nContent-Disposi'), 400, {}],
    ['an end behind a file of no interest', () => post(part('x', 'y', '; filename="z"')), 400, {}],
    ['no body', () => post(undefined), 400, {}],
    ['an empty body', () => post(inPieces('', 1)), 400, {}],
    [
      'two files',
      () => post(file('x') + file('y') + end),
      400,
      { param: 'file', code: 'invalid_value', message: expect.stringContaining('several parts') },
    ],
    [
      'a long field',
      () => post(part('prompt', 'p'.repeat(slackBytes + 1)) + end),
      400,
      { param: 'prompt', code: 'invalid_value' },
    ],
    ['many parts', () => post(part('a', 'b').repeat(300) + end), 400, {}],
    ['a file that is too large', () => post(file('x'.repeat(limitBytes + 1)) + end), 413, { param: 'file' }],
    [
      'a declared length that is too large',
      () => post(inPieces('', 1), { ...typed, 'content-length': String(limitBytes + slackBytes + 1) }),
      413,
      { param: 'file', code: 'payload_too_large' },
    ],
    [
      'a body that is too large, whatever is in it',
      () => post(part('mask', 'x'.repeat(limitBytes + slackBytes), '; filename="m"') + end),
      413,
      { param: 'file' },
    ],
  ];
  test.each(refused)('%s', async (_, request, status, expected) => {
    expect(await refusalOf(receive(request()))).toMatchObject({ status, ...expected });
  });

  test('fields that are long together', async () => {
    const body = part('a', 'p'.repeat(700_000)) + part('b', 'p'.repeat(400_000)) + end;
    const failure = await refusalOf(
      receiveUpload({ request: post(body) }, { limitBytes: slackBytes }, directories, stay),
    );
    expect(failure).toMatchObject({ status: 400, param: 'b' });
  });

  test('what is too large is not read on', async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new TextEncoder().encode(pulled === 1 ? file('').slice(0, -2) : 'x'.repeat(1024)));
      },
    });
    expect(await refusalOf(receive(post(endless)))).toMatchObject({ kind: 'too_large', param: 'file' });
    expect(pulled).toBeLessThan(20);
  });

  test('a client that falls silent', async () => {
    const silent = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(file('x').slice(0, -2))),
    });
    const failure = await refusalOf(receive(post(silent), stay, 5));
    expect(failure).toMatchObject({ status: 408, code: 'request_timeout', retry: true });
  });

  test('a client whose connection breaks', async () => {
    let pulled = 0;
    const broken = new ReadableStream({
      pull(controller) {
        if (pulled++ === 0) controller.enqueue(new TextEncoder().encode(file('x').slice(0, -2)));
        else controller.error(new Error('ECONNRESET'));
      },
    });
    expect(await refusalOf(receive(post(broken)))).toMatchObject({ kind: 'cancelled' });
  });

  test('a client that has left', async () => {
    const controller = new AbortController();
    const silent = new ReadableStream({
      start: (stream) => stream.enqueue(new TextEncoder().encode(file('x').slice(0, -2))),
    });
    const receiving = receive(post(silent), controller.signal);
    // The file exists, so its body is being read.
    await until(() => readdirSync(parent, { recursive: true }).length >= 2);
    controller.abort(new Failure('cancelled', 'The client disconnected.'));
    expect((await refusalOf(receiving)).kind).toBe('cancelled');
  });

  test('when there is no place', async () => {
    const nowhere = directoriesIn(join(parent, 'missing'));
    const failure = await refusalOf(
      receiveUpload({ request: post(file('x') + end) }, { limitBytes }, nowhere, stay),
    );
    expect(failure).toMatchObject({ status: 503, code: 'storage_unavailable' });
    expect(failure.message).not.toContain(parent);
  });
});
