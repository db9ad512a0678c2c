// A request that was refused a moment ago is not repeated in the same session.
import { expect, test } from 'bun:test';
import type { InputItem } from '../../src/responses/request.ts';
import {
  eventsOf,
  failureOf,
  refusal,
  type ScriptedResponse,
  turnOf,
  turnRequest,
  world,
} from './support.ts';

const say = (text: string): InputItem => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
});
const refused = (code: string, status = 400): ScriptedResponse =>
  refusal(status, { error: { code, message: 'No.' } });
const good = turnOf('plain-text');

interface Step {
  input?: InputItem[];
  instructions?: string;
  model?: string;
  session?: string;
  sessionIsNamed?: boolean;
  afterMs?: number;
}

/** How many requests reach the upstream if its first response is a refusal. */
async function requestsFor(first: ScriptedResponse, steps: Step[]): Promise<number> {
  const { open, sent, clock } = world([first, good, good, good]);
  for (const { session = 's', sessionIsNamed = true, afterMs = 0, ...body } of [{}, ...steps] as Step[]) {
    clock.nowMs += afterMs;
    const turn = open({ session, sessionIsNamed, body: { ...turnRequest.body, input: [say('a')], ...body } });
    await turn.then(eventsOf, () => {});
  }
  return sent.length;
}

const tools: Step = { instructions: 'With other tools.' };

test.each<[string, ScriptedResponse, Step[], number]>([
  ['flagged content, with other tools', refused('cyber_policy'), [tools, { input: [say('b'), say('a')] }], 1],
  ['flagged content, and then something else', refused('cyber_policy'), [{ input: [say('b')] }], 2],
  [
    'a model that is not offered, whatever is said',
    refused('model_not_found', 404),
    [{ input: [say('b')] }],
    1,
  ],
  ['another model', refused('model_not_found', 404), [{ model: 'gpt-6-sol' }], 2],
  ['an invalid value, the same again', refused('invalid_value'), [{}, {}], 1],
  ['an invalid value, repaired', refused('invalid_value'), [tools], 2],
  ['later', refused('cyber_policy'), [{ afterMs: 6000 }], 2],
  ['another session', refused('cyber_policy'), [{ session: 'other' }], 2],
  ['a limit, which passes', refusal(429, {}, { 'retry-after': '3600' }), [{}], 2],
])('%s', async (_, first, steps, requests) => {
  expect(await requestsFor(first, steps)).toBe(requests);
});

test('clients that name no session are asked for again', async () => {
  expect(await requestsFor(refused('cyber_policy'), [{ sessionIsNamed: false, session: 'x' }])).toBe(2);
});

test('the refusal is the same', async () => {
  const { open } = world([refused('cyber_policy')]);
  const ask = () => failureOf(open({ sessionIsNamed: true }));
  const first = await ask();
  expect(await ask()).toMatchObject({ code: 'cyber_policy', message: first.message, status: first.status });
});
