import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { clientId, temporaryDirectory } from './support.ts';

let simulator: Simulator;
beforeAll(() => {
  simulator = startSimulator();
});
afterAll(() => simulator.stop());

/**
 * A process with a source for `ownFile`: it reads the login, reports that, waits for a line, then requests credentials.
 */
function daemon(ownFile: string) {
  const module = (path: string) => JSON.stringify(join(import.meta.dir, '../../src', path));
  const script = `
    import { createLocks } from ${module('auth/lock.ts')};
    import { createLoginSource } from ${module('auth/source.ts')};
    import { silentLog } from ${module('log.ts')};
    const source = createLoginSource({
      ownFile: ${JSON.stringify(ownFile)}, codexHomes: [], readonly: false, now: Date.now, log: silentLog,
      secrets: { add() {} },
      locks: createLocks({ platform: process.platform, now: Date.now, sleep: () => Bun.sleep(2) }),
      server: { issuer: ${JSON.stringify(simulator.issuer)}, clientId: ${JSON.stringify(clientId)},
        originator: 'codexd', userAgent: 'codexd/test', fetch: (url, init) => fetch(url, { ...init, proxy: false }) },
    });
    console.log(source.facts().expiresAtMs < Date.now());
    for await (const _ of console) break;
    console.log((await source.get()).accessToken);
    process.exit(0);`;
  const child = Bun.spawn([process.execPath, '-e', script], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const lines = child.stdout.pipeThrough(new TextDecoderStream() as never).getReader();
  let text = '';
  return {
    async line(): Promise<string> {
      while (!text.includes('\n')) {
        const { value, done } = await lines.read();
        if (done) throw new Error('the process ended');
        text += value;
      }
      const [line = '', ...rest] = text.split('\n');
      text = rest.join('\n');
      return line;
    },
    go() {
      child.stdin.write('go\n');
      child.stdin.end();
    },
  };
}

describe('several processes, one login', () => {
  test('when all need a refresh at the same time, the server receives exactly one', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.json');
    const tokens = simulator.login({ expiresInS: -60 });
    writeFileSync(path, JSON.stringify({ auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens, kept: 1 }));
    simulator.script({ for: 'oauth/token', delayMs: 20 });

    const daemons = [daemon(path), daemon(path), daemon(path)];
    expect(await Promise.all(daemons.map((each) => each.line()))).toEqual(['true', 'true', 'true']);
    for (const each of daemons) each.go();
    const [first, ...others] = await Promise.all(daemons.map((each) => each.line()));

    expect(others).toEqual([first!, first!]);
    const refreshes = simulator.requests.filter((request) => request.path === '/oauth/token');
    expect(refreshes).toHaveLength(1);
    const saved = JSON.parse(readFileSync(path, 'utf8'));
    expect(saved).toMatchObject({ kept: 1, tokens: { access_token: first! } });
    expect(saved.tokens.refresh_token).not.toBe(tokens.refresh_token);
  });

  test("the refresh equals the Codex CLI's, field by field", async () => {
    const refresh = simulator.requests.find((request) => request.path === '/oauth/token')!;
    const {
      host,
      connection,
      accept,
      'accept-encoding': _,
      'content-length': __,
      ...headers
    } = refresh.headers;
    expect(headers).toEqual({
      'content-type': 'application/json',
      originator: 'codexd',
      'user-agent': 'codexd/test',
    });
    expect(Object.entries(refresh.body as object)).toEqual([
      ['client_id', clientId],
      ['grant_type', 'refresh_token'],
      ['refresh_reason', 'proactive_expiry'],
      ['refresh_token', expect.stringMatching(/^rt\.1\./)],
    ]);
  });
});
