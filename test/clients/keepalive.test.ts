// Keep-alives for a silent upstream, in a form that each client accepts.
import { expect, test } from 'bun:test';
import { chatParams } from './chat-support.ts';
import { startDaemon, useWorld } from './daemon.ts';

const env = { CODEXD_SERVER_KEEPALIVE_SECONDS: '1' };
const world = useWorld({ env });

/** Text, then silence until the client disconnects. */
const falling = {
  text: 'one two three '.repeat(100),
  fault: 'stall',
  afterBytes: 20_000,
} as const;

/** The first frame after the text that contains none of it. */
async function signOfLife(url: string, body: object, headers = {}): Promise<string> {
  const leaving = new AbortController();
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...body, stream: true }),
    signal: leaving.signal,
  });
  let received = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream() as never)) {
    received += chunk as unknown as string;
    const frames = received.split(/(?<=\n\n)/).filter((frame) => frame.endsWith('\n\n'));
    const text = frames.findLastIndex((frame) => /"(delta|content)":"[^"]/.test(frame));
    if (text >= 0 && text < frames.length - 1) {
      leaving.abort();
      return frames[text + 1]!;
    }
  }
  throw new Error('the stream ended');
}

test('each reader gets the sign of life it can bear', async () => {
  await using other = await startDaemon({
    simulator: world.simulator,
    env: { ...env, CODEXD_SERVER_KEEPALIVE: 'chunk' },
  });
  const turn = { model: 'gpt-5.5', input: 'x' };
  world.simulator.script({ ...falling, repeat: 4 });
  const [chat, responses, codex, chunk] = await Promise.all([
    signOfLife(`${world.daemon.url}/v1/chat/completions`, chatParams('x')),
    signOfLife(`${world.daemon.url}/v1/responses`, turn),
    signOfLife(`${world.daemon.url}/v1/responses`, turn, { originator: 'codex_exec' }),
    signOfLife(`${other.url}/v1/chat/completions`, chatParams('x')),
  ]);
  expect({ chat, responses }).toEqual({ chat: ': keep-alive\n\n', responses: ': keep-alive\n\n' });
  // It counts only events.
  expect(codex).toMatch(/^data: \{"type":"keepalive","sequence_number":\d+\}\n\n$/);
  // With the configured keep-alive.
  expect(JSON.parse(chunk.replace(/^data: /, ''))).toMatchObject({
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: {}, finish_reason: null }],
  });
});
