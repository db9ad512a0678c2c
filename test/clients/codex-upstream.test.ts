// The Codex CLI through codexd is, for the upstream, the Codex CLI: only what a table in codex-side-by-side.ts lists is different.
import { describe, expect, test } from 'bun:test';
import { installCodex } from './codex-cli.ts';
import { type Conversation, differences, sideBySide, type Transport } from './codex-side-by-side.ts';
import type { SentTurn } from './daemon.ts';

const codex = installCodex();
if ('why' in codex) console.log(`Skipped: ${codex.why}.`);
const path = 'path' in codex ? codex.path : '';

const anyCommand = '--dangerously-bypass-approvals-and-sandbox';
const resume = ['resume', '--last'];
const classic = ['-m', 'gpt-5.5'];
const dot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe.skipIf(path === '').each<Transport>(['http', 'websocket'])('over %s', (transport) => {
  /** What Codex did through codexd, once nothing else reached the upstream than without it. */
  async function same(conversation: Omit<Conversation, 'transport'>) {
    const { direct, through } = await sideBySide(path, { transport, ...conversation });
    expect(differences(direct, through)).toEqual([]);
    expect(through.exitCodes).toEqual(direct.exitCodes);
    const turns = through.requests as unknown as SentTurn[];
    return { ...through, turns, direct, inputs: turns.map(({ body }) => body.input) };
  }

  test('a plain turn, whose answer is compressed', async () => {
    const { turns, events } = await same({
      runs: [{ args: [...classic, 'hi'], script: [{ text: 'Hello.', encoding: 'zstd' }] }],
    });
    expect(turns).toHaveLength(1);
    expect(events).toContainEqual(
      expect.objectContaining({ item: expect.objectContaining({ text: 'Hello.' }) }),
    );
  }, 60_000);

  test('an image, a shell command and a patch; then the session is resumed', async () => {
    const patch = '*** Begin Patch\n*** Add File: made.txt\n+made\n*** End Patch\n';
    const { inputs, turns } = await same({
      files: { 'dot.png': dot },
      runs: [
        {
          args: [...classic, anyCommand, '-i', 'dot.png', '--', 'look'],
          script: [
            { reasoning: ['Look.'], calls: [{ name: 'exec_command', arguments: { cmd: 'echo seen' } }] },
            { calls: [{ name: 'apply_patch', input: patch }] },
            { text: 'Done.', encoding: 'gzip' },
          ],
        },
        { args: [...resume, ...classic, 'more'], script: [{ text: 'More.' }] },
      ],
    });
    const types = inputs.at(-1)!.map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining(['reasoning', 'function_call_output', 'custom_tool_call_output']),
    );
    expect(JSON.stringify(inputs.at(-1))).toMatch(/data:image\/png.*Output:\\nseen.*A made\.txt/);
    // The state of a turn ends with it.
    const states = turns.map(({ headers }) => headers['x-codex-turn-state']);
    expect(states).toEqual([undefined, expect.any(String), states[1], undefined]);
  }, 60_000);

  test('an answer that breaks off and a short rate limit: the turn is asked for again, with its state', async () => {
    const error = { code: 'rate_limit_exceeded', message: 'Please try again in 0.2s.' };
    const failed = { type: 'response.failed', response: { id: 'resp_1', status: 'failed', error } };
    const { turns, events } = await same({
      runs: [
        {
          args: [...classic, 'hi'],
          script: [
            { reasoning: ['Look.'], text: 'This breaks off.', cutAfterBytes: 6000 },
            { events: [{ type: 'response.created', response: { id: 'resp_1' } }, failed] },
            { text: 'Hello.' },
          ],
        },
      ],
    });
    const [none, state, again] = turns.map(({ headers }) => headers['x-codex-turn-state']);
    expect([none, state]).toEqual([undefined, expect.any(String)]);
    expect(again).toBe(state!);
    expect(events.at(-1)).toMatchObject({ type: 'turn.completed' });
  }, 60_000);

  test('a search for tools, which Codex runs itself', async () => {
    const item = {
      ...{
        type: 'tool_search_call',
        id: 'tsc_1',
        call_id: 'call_1',
        execution: 'client',
        status: 'completed',
      },
      // The descriptions of other tools name models, depending on when Codex has received the list.
      arguments: { query: 'close_agent', limit: 1 },
    };
    const response = { id: 'resp_1', created_at: 1 };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    const { inputs } = await same({
      runs: [
        {
          args: [...classic, 'hi'],
          script: [
            {
              events: [
                { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
                { type: 'response.output_item.added', output_index: 0, item },
                { type: 'response.output_item.done', output_index: 0, item },
                {
                  type: 'response.completed',
                  response: { ...response, status: 'completed', output: [], usage },
                },
              ],
            },
            { text: 'Found.' },
          ],
        },
      ],
    });
    expect(inputs[1]!.at(-1)).toMatchObject({
      type: 'tool_search_output',
      tools: [{ tools: [{ name: 'close_agent' }] }],
    });
  }, 60_000);

  test('a lite model', async () => {
    const call = { name: 'exec_command', namespace: 'functions', arguments: { cmd: 'echo seen' } };
    const { turns, inputs } = await same({
      runs: [
        {
          args: ['-m', 'gpt-6.2-sol', anyCommand, 'hi'],
          script: [{ reasoning: ['Look.'], calls: [call] }, { text: 'Done.' }],
        },
      ],
    });
    expect(inputs[1]![0]).toMatchObject({ type: 'additional_tools' });
    expect(inputs[1]).toContainEqual(
      expect.objectContaining({ type: 'function_call', namespace: 'functions' }),
    );
    for (const { headers, body } of turns) {
      expect(headers['x-openai-internal-codex-responses-lite']).toBe('true');
      expect(body).not.toHaveProperty('tools');
    }
  }, 60_000);

  test('a conversation that is compacted within a turn and before one, and goes on', async () => {
    const { inputs, turns } = await same({
      config: 'model_auto_compact_token_limit = 3000',
      runs: [
        {
          args: [...classic, anyCommand, 'hi'],
          script: [{ calls: [{ name: 'exec_command', arguments: { cmd: 'echo seen' } }] }],
        },
        { args: [...resume, ...classic, anyCommand, 'more'], script: [] },
      ],
    });
    const last = inputs.map((input) => input.at(-1)!.type);
    expect(last.filter((type) => type === 'compaction_trigger')).toHaveLength(2);
    expect(inputs.at(-1)!.map(({ type }) => type)).toContain('compaction');
    expect(turns.at(-1)!.headers['x-codex-window-id']).toEndWith(':2');
  }, 60_000);

  test('a plan that is used up: the same text, with the time of the reset', async () => {
    const { events, direct } = await same({
      runs: [{ args: [...classic, 'hi'], script: [{ refusal: 'usage_limit_reached' }] }],
    });
    const failures = ({ type }: { type: string }) => type === 'turn.failed';
    expect(events.filter(failures)).toEqual(direct.events.filter(failures));
    expect(JSON.stringify(events)).toMatch(/hit your usage limit.* try again at \w/);
  }, 60_000);

  test('Ctrl-C reaches the upstream', async () => {
    const { abortMs } = await same({
      runs: [
        {
          args: [...classic, 'hi'],
          script: [{ text: 'This never ends.', fault: 'stall', afterBytes: 2000 }],
          interruptAfterTurns: 1,
        },
      ],
    });
    expect(abortMs).toBeLessThan(100);
  }, 60_000);
});
