// Content of chat completions besides text and tools (docs/wire/openai.md#content-parts, #one-message, #reasoning-text,
// #refusal).
import { describe, expect, test } from 'bun:test';
import { chatParams, chunksOf } from './chat-support.ts';
import { fixture, isTurn, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

describe('what goes in', () => {
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

  test('an image as a data URL is seen upstream', async () => {
    const { choices } = await world.client.chat.completions.create({
      model: 'gpt-5.5',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'low' } },
          ],
        },
      ],
    });
    const bytes = Buffer.from(png, 'base64').length;
    expect(choices[0]!.message.content).toContain(`an image of type image/png, ${bytes} bytes`);
  });

  test('an image of 3 MB goes through whole', async () => {
    const jpeg = Buffer.alloc(3_000_000, 7);
    jpeg.set([0xff, 0xd8, 0xff, 0xe0]);
    const url = `data:image/jpeg;base64,${jpeg.toString('base64')}`;
    const { choices } = await world.client.chat.completions.create({
      model: 'gpt-5.5',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    });
    expect(choices[0]!.message.content).toContain('an image of type image/jpeg, 3000000 bytes');
  });

  test('a file', async () => {
    const file = { filename: 'a.pdf', file_data: `data:application/pdf;base64,${btoa('%PDF-1.4')}` };
    const { choices } = await world.client.chat.completions.create({
      model: 'gpt-5.5',
      messages: [{ role: 'user', content: [{ type: 'file', file }] }],
    });
    expect(choices[0]!.message.content).toContain('a file of type application/pdf, 8 bytes');
  });

  test('what the upstream refuses is dropped and named', async () => {
    const { response } = await world.client.chat.completions
      .create(chatParams('Say plover.', { temperature: 0.2, max_tokens: 9, seed: 1, user: 'me' }))
      .withResponse();
    const ignored = response.headers.get('x-codexd-ignored')!.split(', ');
    expect(ignored.toSorted()).toEqual(['max_tokens', 'seed', 'temperature', 'user']);
    expect(turnsSent(world.simulator)[0]!.body).not.toContainAnyKeys([
      'temperature',
      'max_tokens',
      'seed',
      'user',
    ]);
  });
});

describe('what comes out', () => {
  test('a refusal, whole and streamed', async () => {
    world.simulator.script(fixture('refusal'), fixture('refusal'));
    const { choices } = await world.client.chat.completions.create(chatParams('Do something bad.'));
    const { message, finish_reason } = choices[0]!;
    expect([message.content, finish_reason]).toEqual([null, 'stop']);
    expect(message.refusal).toMatch(/\w/);
    const stream = world.client.chat.completions.stream(chatParams('Do something bad.'));
    const refusals: string[] = [];
    stream.on('refusal.delta', ({ delta }) => refusals.push(delta));
    expect((await stream.finalChatCompletion()).choices[0]!.message.refusal).toBe(message.refusal);
    expect(refusals.join('')).toBe(message.refusal!);
  });

  test('`stop` is cut here, and the rest is neither waited for nor paid for', async () => {
    world.simulator.script(
      { text: 'one two three four. '.repeat(100), paceMs: 10 },
      { text: 'one two three four' },
    );
    const chunks = await chunksOf(world, chatParams('Count.', { stop: [' three'] }));
    expect(chunks.map(({ choices }) => choices[0]!.delta.content ?? '').join('')).toBe('one two');
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('stop');
    await world.simulator.waitFor((request) => isTurn(request) && request.abortedAtMs !== undefined);
    const whole = await world.client.chat.completions.create(chatParams('Count.', { stop: ' three' }));
    expect(whole.choices[0]!.message.content).toBe('one two');
  });

  test('reasoning_content is what was thought, its parts apart by a blank line', async () => {
    const thought = '**First.** A.\n\n**Second.** B.';
    const turn = { reasoning: ['**First.** A.', '**Second.** B.'], text: 'Done.' };
    world.simulator.script(turn, turn);
    const { choices } = await world.client.chat.completions.create(chatParams('Think.'));
    const message = choices[0]!.message as { reasoning_content?: string; content: string | null };
    expect(message).toMatchObject({ reasoning_content: thought, content: 'Done.' });
    const deltas = (await chunksOf(world, chatParams('Think.'))).map(
      ({ choices }) => choices[0]!.delta as { reasoning_content?: string },
    );
    expect(deltas.map(({ reasoning_content }) => reasoning_content ?? '').join('')).toBe(thought);
  });

  test('length: the helpers of structured output are told that it is cut', async () => {
    world.simulator.script(fixture('incomplete-max-tokens'));
    const { choices } = await world.client.chat.completions.create(chatParams('Count.'));
    expect(choices[0]!.finish_reason).toBe('length');
  });

  test('`output: []` at the end is not believed', async () => {
    world.simulator.script(fixture('plain-text'));
    expect(await Bun.file(fixture('plain-text').fixture).text()).toMatch(
      /"type":"response.completed".*"output":\[\]/,
    );
    const { choices } = await world.client.chat.completions.create(chatParams('Count.'));
    expect(choices[0]!.message.content).toMatch(/\w/);
  });
});
