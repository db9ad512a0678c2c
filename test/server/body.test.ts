// Request bodies within their limits (docs/wire/openai.md#errors, #sdk-retries).
import { describe, expect, test } from 'bun:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { Failure } from '../../src/failure.ts';
import { type IncomingRequest, readJson } from '../../src/server/body.ts';

const limitBytes = 1000;
const codings: [name: string, compress: (bytes: Uint8Array) => Uint8Array][] = [
  ['zstd', zstdCompressSync],
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
];

/** A request as the server sees it; `declared`: with a content-length. */
function request(
  body: string | Uint8Array | ReadableStream,
  { coding, declared = true }: { coding?: string; declared?: boolean } = {},
): IncomingRequest {
  const length = typeof body === 'string' || body instanceof Uint8Array ? Buffer.byteLength(body) : undefined;
  const asked = new Request('http://localhost/', {
    method: 'POST',
    body: declared || body instanceof ReadableStream ? body : new Blob([body]).stream(),
    headers: {
      ...(declared && length !== undefined ? { 'content-length': String(length) } : {}),
      ...(coding === undefined ? {} : { 'content-encoding': coding }),
    },
  });
  return { request: asked };
}

async function failureOf(reading: Promise<unknown>): Promise<Failure> {
  const outcome = await reading.catch((thrown: unknown) => thrown);
  if (outcome instanceof Failure) return outcome;
  throw new Error('expected a Failure', { cause: outcome });
}

const value = { text: 'Grüße 🙂', list: [1, null] };

describe('a body that fits', () => {
  test.each([true, false])('plain (declared: %p)', async (declared) => {
    expect(await readJson(request(JSON.stringify(value), { declared }), limitBytes)).toEqual(value);
  });

  test.each(codings)('%s', async (coding, compress) => {
    for (const declared of [true, false]) {
      const bytes = compress(Buffer.from(JSON.stringify(value)));
      expect(await readJson(request(bytes, { coding, declared }), limitBytes)).toEqual(value);
    }
  });

  test('the coding is named in any case, `identity` counts as absent', async () => {
    const bytes = zstdCompressSync(Buffer.from('{}'));
    expect(await readJson(request(bytes, { coding: ' ZSTD ' }), limitBytes)).toEqual({});
    expect(await readJson(request('{}', { coding: 'identity' }), limitBytes)).toEqual({});
  });

  test.each(['', ' ', ',', 'identity, identity'])('%j counts as absent', async (coding) => {
    expect(await readJson(request('{"a":1}', { coding }), limitBytes)).toEqual({ a: 1 });
  });

  test('the older name of gzip', async () => {
    const bytes = gzipSync(Buffer.from('{"a":1}'));
    expect(await readJson(request(bytes, { coding: 'X-Gzip' }), limitBytes)).toEqual({ a: 1 });
  });

  test('several are undone from the last to the first, each within the limit', async () => {
    const gzipped = gzipSync(Buffer.from('{"a":1}'));
    const both = zstdCompressSync(gzipped);
    expect(await readJson(request(both, { coding: 'gzip, identity,zstd' }), limitBytes)).toEqual({ a: 1 });
    expect(await failureOf(readJson(request(both, { coding: 'zstd, gzip' }), limitBytes))).toMatchObject({
      message: 'The body is not valid gzip.',
    });
    const bomb = gzipSync(gzipSync(Buffer.alloc(20_000_000)));
    expect((await failureOf(readJson(request(bomb, { coding: 'gzip,gzip' }), 100_000))).kind).toBe(
      'too_large',
    );
    const many = Array(5).fill('gzip').join();
    expect((await failureOf(readJson(request('{}', { coding: many }), limitBytes))).status).toBe(415);
  });

  test('a byte order mark is no mistake, and characters may be cut between pieces', async () => {
    const bytes = new TextEncoder().encode(`\ufeff${JSON.stringify(value)}`);
    expect(await readJson(request(bytes), limitBytes)).toEqual(value);
    const pieces = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    expect(await readJson(request(pieces), limitBytes)).toEqual(value);
  });

  test('exactly at the limit', async () => {
    const text = JSON.stringify('x'.repeat(limitBytes - 2));
    for (const declared of [true, false]) {
      expect(await readJson(request(text, { declared }), limitBytes)).toHaveLength(limitBytes - 2);
    }
  });
});

describe('a body that is too large is a 413', () => {
  const large = JSON.stringify('x'.repeat(limitBytes));

  test('as declared: it is not even read', async () => {
    const asked = request('{}');
    asked.request.headers.set('content-length', String(limitBytes + 1));
    expect(await failureOf(readJson(asked, limitBytes))).toMatchObject({ kind: 'too_large', status: 413 });
    expect(asked.request.bodyUsed).toBe(false);
  });

  test('while it comes in pieces: the rest is not read', async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(200));
      },
    });
    expect((await failureOf(readJson(request(endless), limitBytes))).code).toBe('payload_too_large');
    expect(pulled).toBeLessThan(10);
  });

  test.each(codings)('when %s makes it so: a bomb is not unpacked', async (coding, compress) => {
    const bomb = compress(Buffer.alloc(5_000_000));
    expect((await failureOf(readJson(request(bomb, { coding }), 100_000))).kind).toBe('too_large');
    expect(
      (await failureOf(readJson(request(compress(Buffer.from(large)), { coding }), limitBytes))).kind,
    ).toBe('too_large');
  });

  test('compressed and still too large', async () => {
    const noise = gzipSync(crypto.getRandomValues(new Uint8Array(5000)));
    for (const declared of [true, false]) {
      const failure = await failureOf(readJson(request(noise, { coding: 'gzip', declared }), limitBytes));
      expect(failure.kind).toBe('too_large');
    }
  });
});

describe('a body that is wrong is a 400', () => {
  const texts: [name: string, text: string][] = [
    ['cut', '{"a":'],
    ['a form', 'a=b'],
    ['two values', '{}{}'],
  ];
  test.each(texts)('%s', async (_, text) => {
    for (const declared of [true, false]) {
      const failure = await failureOf(readJson(request(text, { declared }), limitBytes));
      expect(failure).toMatchObject({
        kind: 'invalid_request',
        status: 400,
        message: 'The body is not valid JSON.',
      });
    }
  });

  test.each(['', ' \n'])('none at all: %j', async (text) => {
    for (const declared of [true, false]) {
      const failure = await failureOf(readJson(request(text, { declared }), limitBytes));
      expect(failure).toMatchObject({ kind: 'invalid_request', status: 400, code: 'missing_body' });
    }
  });

  test.each(codings)('not %s at all', async (coding) => {
    const failure = await failureOf(readJson(request('{"a":1}', { coding }), limitBytes));
    expect(failure).toMatchObject({
      kind: 'invalid_request',
      status: 400,
      message: `The body is not valid ${coding}.`,
    });
  });

  test.each(['compress', 'gzip, compress', 'constructor', 'x'])(
    'an unknown coding (%s) is a 415',
    async (coding) => {
      const failure = await failureOf(readJson(request('{}', { coding }), limitBytes));
      expect(failure).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    },
  );

  test('nested deeper than anybody can walk', async () => {
    const nested = (open: string, close: string, depth: number) =>
      request(open.repeat(depth) + close.repeat(depth));
    expect((await failureOf(readJson(nested('[', ']', 100_000), 1e6))).message).toContain('512 levels');
    expect((await failureOf(readJson(request(`${'{"a":'.repeat(600)}1${'}'.repeat(600)}`), 1e6))).kind).toBe(
      'invalid_request',
    );
    expect(await readJson(nested('[', ']', 500), 1e6)).toBeArray();
  });

  test('brackets inside texts are no nesting', async () => {
    const tricky = [`${'['.repeat(2000)}`, '\\', '\\"[', '"', `{${'"['.repeat(999)}`, '\\\\'];
    expect(await readJson(request(JSON.stringify(tricky)), 1e6)).toEqual(tricky);
    expect(await readJson(request(JSON.stringify(Array<unknown>(2000).fill([{}]))), 1e6)).toHaveLength(2000);
  });
});

test('a body that does not arrive is a 408, which may be sent again', async () => {
  const silent = new ReadableStream({ pull: () => new Promise(() => {}) });
  const failure = await failureOf(readJson(request(silent), limitBytes, 5));
  expect(failure).toMatchObject({
    kind: 'invalid_request',
    status: 408,
    code: 'request_timeout',
    retry: true,
  });
});
