// A client that disconnects stops the upstream request immediately, whatever its state.
import { describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { chatParams } from './chat-support.ts';
import { clientOf, isTurn, startDaemon, thrownBy, turnsSent, useWorld } from './daemon.ts';
import { expectUpstreamAborted } from './disconnect.ts';
import { running } from './speech-support.ts';

const world = useWorld({ args: ['--log-format', 'json'] });

const endless = { text: 'one two three '.repeat(2000), paceMs: 2 };

describe('in mid stream', () => {
  test('chat', async () => {
    world.simulator.script(endless);
    const stream = await world.client.chat.completions.create({ ...chatParams('Count.'), stream: true });
    for await (const { choices } of stream) if (choices[0]!.delta.content) break;
    await expectUpstreamAborted(world, () => stream.controller.abort());
  });

  test('responses', async () => {
    world.simulator.script(endless);
    const stream = await world.client.responses.create({ model: 'gpt-5.5', input: 'Count.', stream: true });
    for await (const { type } of stream) if (type === 'response.output_text.delta') break;
    await expectUpstreamAborted(world, () => stream.controller.abort());
  });

  test('while the upstream is silent', async () => {
    world.simulator.script({
      text: 'one two three '.repeat(100),
      fault: 'stall',
      afterBytes: 20_000,
      paceMs: 1,
    });
    const stream = await world.client.chat.completions.create({ ...chatParams('Count.'), stream: true });
    for await (const { choices } of stream) if (choices[0]!.delta.content) break;
    await expectUpstreamAborted(world, () => stream.controller.abort());
  });

  test('it is logged as such, and answers no error', async () => {
    world.simulator.script(endless);
    const { data: stream, request_id } = await world.client.chat.completions
      .create({ ...chatParams('Count.'), stream: true })
      .withResponse();
    stream.controller.abort();
    const [line] = await world.daemon.says(new RegExp(`^.*"requestId":"${request_id}".*$`, 'm'));
    expect(JSON.parse(line)).toMatchObject({ level: 'info', failure: 'cancelled' });
  });
});

describe('before there is anything to read', () => {
  test.each([
    ['a whole answer, under way', false, endless],
    ['a whole answer, before the head', false, { text: 'late', delayMs: 60_000 }],
    ['a stream, before the head', true, { text: 'late', delayMs: 60_000 }],
  ])('%s', async (_, stream, line) => {
    world.simulator.script(line);
    const leaving = new AbortController();
    const params = { ...chatParams('Count.'), stream };
    const pending = thrownBy(world.client.chat.completions.create(params, { signal: leaving.signal }));
    await world.simulator.waitFor(isTurn);
    await expectUpstreamAborted(world, () => leaving.abort());
    expect(await pending).toBeInstanceOf(OpenAI.APIUserAbortError);
  });

  test('between two tries: there is no other one', async () => {
    world.simulator.script({ status: 429, retryAfter: 1, body: { error: { message: 'Wait.' } } });
    const leaving = new AbortController();
    const pending = thrownBy(
      world.client.chat.completions.create(chatParams('x'), { signal: leaving.signal }),
    );
    await world.daemon.says(/retrying.*"delayMs":1000/);
    leaving.abort();
    expect(await pending).toBeInstanceOf(OpenAI.APIUserAbortError);
    await running(world.daemon, 0);
    expect(turnsSent(world.simulator)).toHaveLength(1);
  });

  test('while it waits in the queue: the upstream never hears of it, and the place is free again', async () => {
    await using daemon = await startDaemon({
      simulator: world.simulator,
      env: { CODEXD_SERVER_CONCURRENCY: '1' },
    });
    const client = clientOf(daemon);
    world.simulator.script(endless);
    const first = await client.chat.completions.create({ ...chatParams('first'), stream: true });
    const leaving = new AbortController();
    const pending = thrownBy(
      client.chat.completions.create(chatParams('second'), { signal: leaving.signal }),
    );
    await running(daemon, 2);
    leaving.abort();
    expect(await pending).toBeInstanceOf(OpenAI.APIUserAbortError);
    await running(daemon, 1);
    expect(turnsSent(world.simulator)).toHaveLength(1);
    const third = client.chat.completions.create(chatParams('third'));
    first.controller.abort();
    expect((await third).choices[0]!.message.content).toContain('third');
  });
});
