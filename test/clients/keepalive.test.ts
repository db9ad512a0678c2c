// field notes 5, trap 77 and 94: a silent upstream does not look like a dead one, in a manner each reader bears.
import { describe, expect, test } from 'bun:test';
import { asked } from './chat-support.ts';
import { startDaemon, worldOfThisFile } from './daemon.ts';

const env = { CODEXD_SERVER_KEEPALIVE_SECONDS: '1' };
const world = worldOfThisFile({ env });

/** Text, then silence until the client leaves. */
const falling = {
  text: 'one two three '.repeat(100),
  paceMs: 1,
  fault: 'stall',
  afterBytes: 20_000,
} as const;

/** What comes after the text has fallen silent, up to the first sign of life. */
async function signOfLife(url: string, body: object, headers = {}): Promise<string> {
  const leaving = new AbortController();
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...body, stream: true }),
    signal: leaving.signal,
  });
  let last = '';
  let atMs = performance.now();
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream() as never)) {
    const gapMs = performance.now() - atMs;
    atMs = performance.now();
    last = chunk as unknown as string;
    if (gapMs > 500) break;
  }
  leaving.abort();
  return last;
}

describe('each reader gets', () => {
  test.concurrent.each<[string, string, object, Record<string, string>, unknown]>([
    ['chat: a comment', 'chat/completions', asked('x'), {}, ': keep-alive\n\n'],
    ['responses: a comment', 'responses', { model: 'gpt-5.5', input: 'x' }, {}, ': keep-alive\n\n'],
    [
      'a Codex client: an event, since it counts nothing else',
      'responses',
      { model: 'gpt-5.5', input: 'x' },
      { originator: 'codex_exec' },
      expect.stringMatching(/^data: \{"type":"keepalive","sequence_number":\d+\}\n\n$/),
    ],
  ])('%s', async (_, path, body, headers, sign) => {
    world.simulator.script(falling);
    expect(await signOfLife(`${world.daemon.url}/v1/${path}`, body, headers)).toEqual(sign as never);
  });

  test.concurrent('chat, if so configured: an empty chunk', async () => {
    await using daemon = await startDaemon({
      simulator: world.simulator,
      env: { ...env, CODEXD_SERVER_KEEPALIVE: 'chunk' },
    });
    world.simulator.script(falling);
    const sign = await signOfLife(`${daemon.url}/v1/chat/completions`, asked('x'));
    expect(JSON.parse(sign.replace(/^data: /, ''))).toMatchObject({
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: {}, finish_reason: null }],
    });
  });
});
