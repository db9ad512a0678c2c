// Twenty turns of a conversation with real clients: the upstream's prompt cache keeps everything that was sent before.
import { describe, expect, test } from 'bun:test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type OpenAI from 'openai';
import type { ScriptedTurn } from '../../src/simulator/script.ts';
import { installAiSdk } from './ai-sdk-conversation.ts';
import { createWorkspace, installClaudeCode, runClaude } from './claude-code.ts';
import { useWorld } from './daemon.ts';
import { expectStablePrefix, sentTurns } from './prefix.ts';

const world = useWorld();
const claude = installClaudeCode();
if ('why' in claude) console.warn(`skipped: ${claude.why}`);
const aiSdk = installAiSdk();
if ('why' in aiSdk) console.warn(`skipped: ${aiSdk.why}`);

const bash = (command: string) => ({ name: 'Bash', arguments: { command, description: 'runs it' } });

describe.skipIf('why' in claude)('Claude Code', () => {
  test('keeps the prefix over twenty turns, a tool loaded on the way, -c and a resumed session', async () => {
    const path = 'path' in claude ? claude.path : '';
    const cwd = createWorkspace({ 'hello.txt': 'hello there\n', 'other.txt': 'another\n' });
    const home = mkdtempSync(join(tmpdir(), 'codexd-claude-home-'));
    const read = (name: string) => ({ name: 'Read', arguments: { file_path: join(cwd, name) } });
    const search = (query: string) => ({ name: 'ToolSearch', arguments: { query, max_results: 3 } });
    const run = async (prompt: string, args: string[], turns: ScriptedTurn[]) => {
      world.simulator.script(...turns);
      const options = { cwd, home, args: ['--allowedTools', 'Read,Bash,ToolSearch', ...args] };
      const { result } = await runClaude(path, world.daemon.url, prompt, options);
      expect(result).toMatchObject({ is_error: false });
      return String(result.session_id);
    };

    const session = await run(
      'look around',
      [],
      [
        { reasoning: ['Look first.'], text: 'Reading.', calls: [read('hello.txt'), read('other.txt')] },
        { calls: [bash('echo one')] },
        { reasoning: ['A tool is needed.'], calls: [search('select:NotebookEdit')] },
        { calls: [bash('echo "two"')] },
        { text: 'Twice more.', calls: [bash('echo three'), bash('false')] },
        { reasoning: ['Another one.'], calls: [search('select:WebFetch,NotebookEdit')] },
        { calls: [bash('printf "ünïcode \\\\n"')] },
        { text: 'First part done.' },
      ],
    );
    await run(
      'go on',
      ['-c'],
      [
        { reasoning: ['Go on.'], calls: [bash('echo four')] },
        { calls: [read('hello.txt')] },
        { calls: [bash('echo five'), read('other.txt')] },
        { calls: [read('missing.txt')] },
        { reasoning: ['It is missing.'], calls: [bash('ls -a | head -1')] },
        { text: 'Second part done.' },
      ],
    );
    await run(
      'finish',
      ['--resume', session],
      [
        { calls: [bash('echo six')] },
        { calls: [search('select:WebSearch')] },
        { reasoning: ['Nearly.'], calls: [bash('echo seven')] },
        { calls: [bash('echo eight')] },
        { text: 'One last look.', calls: [read('hello.txt')] },
        { text: 'All done.' },
      ],
    );

    const turns = sentTurns(world.simulator);
    expect(turns).toHaveLength(20);
    expectStablePrefix(turns);
    const loaded = turns.at(-1)!.body.input.filter(({ type }) => type === 'additional_tools');
    expect(loaded.flatMap(({ tools }) => (tools as { name: string }[]).map(({ name }) => name))).toEqual([
      'NotebookEdit',
      'WebFetch',
      'WebSearch',
    ]);
  }, 180_000);
});

/** Twenty upstream turns: four questions, each with four rounds of calls and an answer. */
const questions = ['What is the weather?', 'And tomorrow?', 'In Bergen — “now”?', 'Thanks, and 🌦?'];
const rounds: ScriptedTurn[] = [
  { reasoning: ['Ask the tool.'], text: 'Let me see.', calls: [weatherCall('Oslo')] },
  { calls: [weatherCall('Bergen'), weatherCall('Tromsø')] },
  { reasoning: ['Once more.'], calls: [weatherCall('Bodø')] },
  { calls: [weatherCall('Ålesund')] },
  { reasoning: ['Answer.'], text: 'It rains.' },
];

function weatherCall(city: string) {
  return { name: 'get_weather', arguments: { city } };
}

describe.skipIf('why' in aiSdk)('the AI SDK', () => {
  test.each(['anthropic', 'openai-compatible', 'openai'] as const)(
    'keeps the prefix over twenty turns through its provider %s',
    async (provider) => {
      if ('why' in aiSdk) return;
      const { ask } = await aiSdk.conversation(provider, world.daemon.url, 'gpt-6-sol');
      for (const question of questions) {
        world.simulator.script(...rounds);
        expect(await ask(question)).toBe('It rains.');
      }
      const turns = sentTurns(world.simulator);
      expect(turns).toHaveLength(20);
      expectStablePrefix(turns);
    },
    60_000,
  );
});

describe('the OpenAI client', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  const instructions = 'You report the weather.';

  test('keeps the prefix over twenty turns of chat', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'system', content: instructions }];
    for (const question of questions) {
      world.simulator.script(...rounds);
      messages.push({ role: 'user', content: question });
      const runner = world.client.chat.completions.runTools({
        model: 'gpt-6-sol',
        messages,
        tools: [
          {
            type: 'function',
            function: {
              name: 'get_weather',
              description: 'Weather of a city',
              parameters,
              parse: JSON.parse,
              function: ({ city }: { city: string }) => `rain in ${city}`,
            },
          },
        ],
      });
      expect(await runner.finalContent()).toBe('It rains.');
      messages.splice(0, messages.length, ...runner.messages);
    }
    const turns = sentTurns(world.simulator);
    expect(turns).toHaveLength(20);
    expectStablePrefix(turns);
  }, 60_000);

  test('keeps the prefix over twenty turns of responses', async () => {
    const ask = responsesConversation(world.client);
    for (const question of questions) {
      world.simulator.script(...rounds);
      expect(await ask(question)).toBe('It rains.');
    }
    const turns = sentTurns(world.simulator);
    expect(turns).toHaveLength(20);
    expectStablePrefix(turns);
  }, 60_000);

  /** The loop in the documentation: the client keeps the items. */
  function responsesConversation(client: OpenAI) {
    const input: OpenAI.Responses.ResponseInput = [];
    return async (question: string): Promise<string> => {
      input.push({ role: 'user', content: question });
      for (;;) {
        const response = await client.responses.create({
          model: 'gpt-6-sol',
          instructions,
          input,
          tools: [
            { type: 'function', name: 'get_weather', description: 'Weather', parameters, strict: false },
          ],
          store: false,
          include: ['reasoning.encrypted_content'],
        });
        input.push(...(response.output as OpenAI.Responses.ResponseInput));
        const calls = response.output.filter((item) => item.type === 'function_call');
        if (calls.length === 0) return response.output_text;
        for (const { call_id, arguments: given } of calls) {
          const output = `rain in ${JSON.parse(given).city}`;
          input.push({ type: 'function_call_output', call_id, output });
        }
      }
    };
  }
});
