// How many upstream requests one call of an official SDK with its default retries causes: only codexd's own attempts.
import { describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { ScriptedTurn } from '../../src/simulator/script.ts';
import { installClaudeCode, runClaude } from './claude-code.ts';
import { isTurn, thrownBy, useWorld } from './daemon.ts';

const world = useWorld({ env: { CODEXD_UPSTREAM_RETRIES: '1' } });
const hits = () => world.simulator.requests.filter(isTurn).length;

const messages = [{ role: 'user' as const, content: 'Hello.' }];
const asks: [string, () => PromiseLike<unknown>][] = [
  ['openai, chat', () => openai().chat.completions.create({ model: 'gpt-5.5', messages })],
  [
    'openai, chat streamed',
    () => openai().chat.completions.create({ model: 'gpt-5.5', messages, stream: true }),
  ],
  ['openai, responses', () => openai().responses.create({ model: 'gpt-5.5', input: 'Hello.' })],
  ['anthropic', () => anthropic().messages.create({ model: 'gpt-5.5', max_tokens: 5000, messages })],
  [
    'anthropic, streamed',
    () => anthropic().messages.create({ model: 'gpt-5.5', max_tokens: 5000, messages, stream: true }),
  ],
];

/** Without `maxRetries`: two retries of its own. */
const openai = () => new OpenAI({ baseURL: `${world.daemon.url}/v1`, apiKey: 'anything' });
const anthropic = () => new Anthropic({ baseURL: world.daemon.url, apiKey: 'anything' });

const failed = (code: string): ScriptedTurn => ({
  events: [
    { type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } },
    {
      type: 'response.failed',
      response: { id: 'resp_1', status: 'failed', error: { code, message: 'No.' } },
    },
  ],
});
const refused = (code: string): ScriptedTurn => ({
  status: 400,
  body: { error: { message: 'No.', type: 'invalid_request_error', param: 'input', code } },
});

const notOffered: ScriptedTurn = {
  status: 400,
  body: { detail: "The 'x' model is not supported when using Codex with a ChatGPT account." },
};

/** Number of upstream requests: two if codexd itself retries. */
const faults: [string, ScriptedTurn, number][] = [
  ['500', { status: 500, body: { detail: 'oops' } }, 2],
  ['503 overload', { refusal: 'server_is_overloaded' }, 2],
  ['overload inside a 200', failed('server_is_overloaded'), 2],
  ['a broken connection', { fault: 'reset' }, 2],
  ['a flagged request', refused('cyber_policy'), 1],
  ['flagged inside a 200', failed('cyber_policy'), 1],
  ['an invalid value', refused('invalid_value'), 1],
  ['a model the plan does not have', notOffered, 1],
  ['404', { status: 404, body: { error: { message: 'Model not found', code: 'model_not_found' } } }, 1],
  ['a challenge', { fault: 'challenge' }, 1],
  ['a web page with 200', { status: 200, body: '<html><title>Just a moment...</title></html>' }, 1],
  ['a rate limit of an hour', { status: 429, body: { detail: 'slow down' }, retryAfter: 3600 }, 1],
];

describe.each(asks)('%s', (_, ask) => {
  test.each(faults)('%s', async (_, fault, requests) => {
    world.simulator.script({ ...fault, repeat: requests });
    expect(await thrownBy(ask())).toBeInstanceOf(Error);
    expect(hits()).toBe(requests);
  });
});

const claude = installClaudeCode();
if ('why' in claude) console.warn(`skipped: ${claude.why}`);
const path = 'path' in claude ? claude.path : '';

describe.skipIf(path === '')('Claude Code', () => {
  test.each<[string, ScriptedTurn, number]>([
    ['flagged content is flagged once', refused('cyber_policy'), 1],
    ['a model the plan does not have', notOffered, 1],
    // Its retry without tool search is another request, which may succeed.
    ['an invalid value', refused('invalid_value'), 2],
    ['overload', { refusal: 'server_is_overloaded' }, 2],
  ])(
    '%s',
    async (_, fault, requests) => {
      world.simulator.script({ ...fault, repeat: requests });
      const { result } = await runClaude(path, world.daemon.url, 'say good day');
      expect(result.is_error).toBe(true);
      expect(hits()).toBe(requests);
    },
    90_000,
  );
});
