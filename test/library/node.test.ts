// Unit tests of the replacements for Bun's API that package.test.ts uses on Node.
import { describe, expect, test } from 'bun:test';
import { adaptFetch } from '../../src/library/node/fetch.ts';
import { fileOf } from '../../src/library/node/file.ts';
import { spawn, which } from '../../src/library/node/programs.ts';
import { escapeRegExp, fromBase64, withResolvers } from '../../src/library/node/runtime.ts';
import { thrownBy } from '../clients/daemon.ts';
import { fileWith } from '../clients/speech-support.ts';

function fakeFetch(answer: () => Response | Promise<Response>) {
  const sent: RequestInit[] = [];
  const fetch = async (_url: string, init: RequestInit = {}) => {
    sent.push(init);
    return answer();
  };
  return { sent, fetch: adaptFetch(fetch) };
}

describe('fetch', () => {
  test('asks for no coding and reports none, since Node has undone it', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-length': '99', 'x-request-id': 'r' };
    const { fetch, sent } = fakeFetch(() => new Response('plain', { headers }));
    const response = await fetch('http://a/', {
      headers: { 'accept-encoding': 'zstd, gzip', accept: 'a/b' },
    });
    expect(Object.fromEntries(response.headers)).toEqual({ 'x-request-id': 'r' });
    expect(await response.text()).toBe('plain');
    expect(Object.fromEntries(sent[0]!.headers as Headers)).toEqual({ accept: 'a/b' });
  });

  test('sends a stream half-duplex, as Node demands', async () => {
    const { fetch, sent } = fakeFetch(() => new Response());
    await fetch('http://a/', { method: 'POST', body: new Blob(['x']).stream() });
    expect(sent[0]).toMatchObject({ duplex: 'half' });
  });

  test('an error has the code of its cause', async () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const { fetch } = fakeFetch(() => Promise.reject(new TypeError('fetch failed', { cause })));
    expect(await thrownBy(fetch('http://a/'))).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('files', () => {
  const path = fileWith('0123456789', 'a.png');

  test('are read whole or in part', async () => {
    expect(await fileOf(path).bytes()).toEqual(new TextEncoder().encode('0123456789'));
    expect(await fileOf(path).slice(3, 5).bytes()).toEqual(new TextEncoder().encode('34'));
    expect((await fileOf(path).slice(8, 99).arrayBuffer()).byteLength).toBe(2);
  });

  test('have a type by their name, a size, and may be missing', async () => {
    expect([fileOf(path).type, fileOf(path).size, await fileOf(path).exists()]).toEqual([
      'image/png',
      10,
      true,
    ]);
    expect([fileOf('/nowhere').size, await fileOf('/nowhere').exists()]).toEqual([0, false]);
  });
});

test('programs are found, run, and missing ones throw at once', async () => {
  const shell = which('sh')!;
  expect(shell).toEndWith('/sh');
  expect(which('no-such-program')).toBeNull();
  const child = spawn([shell, '-c', 'echo out; exit 3'], { stdio: ['ignore', 'pipe', 'pipe'] });
  expect(await new Response(child.stdout).text()).toBe('out\n');
  expect([await child.exited, child.exitCode]).toEqual([3, 3]);
  expect(() => spawn(['/no/such/program'], {})).toThrow('ENOENT');
});

test('texts as patterns', () => {
  const text = '0a"b"-,{$}.\\(x)[y]|/ é\n^*+?';
  for (const flags of ['', 'u', 'v', 'y']) {
    expect(new RegExp(`^${escapeRegExp(text)}$`, flags).test(text)).toBe(true);
    expect(new RegExp(`[${escapeRegExp('a-c&&b')}]`, flags).test('-')).toBe(true);
  }
});

test('base64url and promises with resolvers', async () => {
  expect(fromBase64('_-8')).toEqual(Buffer.from([0xff, 0xef]));
  expect(() => fromBase64('a b')).toThrow(SyntaxError);
  const { promise, resolve } = withResolvers<number>();
  resolve(3);
  expect(await promise).toBe(3);
});
