// Conversations in which an interrupted agent or a trimming client left a call or a result without its counterpart, on
// every API.
import { describe, expect, test } from 'bun:test';
import { turnsSent, useWorld } from './daemon.ts';

const world = useWorld();
const user = (content: unknown = 'Hi') => ({ role: 'user', content });

interface Conversation {
  path: string;
  /** A body whose history is the question, optionally one call with the id `call_x`, and these messages. */
  body: (call: boolean, ...more: object[]) => object;
  /** A result of the call `call_x`. */
  result: object;
}
const chatCall = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'call_x', type: 'function', function: { name: 'f', arguments: '{}' } }],
};
const conversations: Conversation[] = [
  {
    path: '/v1/chat/completions',
    body: (call, ...more) => ({ messages: [user(), ...(call ? [chatCall] : []), ...more] }),
    result: { role: 'tool', tool_call_id: 'call_x', content: 'r' },
  },
  {
    path: '/v1/responses',
    body: (call, ...more) => {
      const called = { type: 'function_call', call_id: 'call_x', name: 'f', arguments: '{}' };
      return { input: [user(), ...(call ? [called] : []), ...more] };
    },
    result: { type: 'function_call_output', call_id: 'call_x', output: 'r' },
  },
  {
    path: '/v1/messages',
    body: (call, ...more) => {
      const content = [{ type: 'tool_use', id: 'call_x', name: 'f', input: {} }];
      return {
        max_tokens: 9,
        thinking: { type: 'adaptive' }, // without it, the lowest effort is requested and reported
        messages: [user(), ...(call ? [{ role: 'assistant', content }] : []), ...more],
      };
    },
    result: user([{ type: 'tool_result', tool_use_id: 'call_x', content: 'r' }]),
  },
  {
    path: '/api/chat',
    body: (call, ...more) => ({ messages: [user(), ...(call ? [chatCall] : []), ...more] }),
    result: { role: 'tool', tool_call_id: 'call_x', content: 'r' },
  },
];

describe.each(conversations)('$path', ({ path, body, result }) => {
  const post = (given: object) =>
    fetch(world.daemon.url + path, {
      method: 'POST',
      body: JSON.stringify({ model: 'gpt-5.5', stream: false, ...given }),
    });

  test.each([
    [
      'before the next question',
      [user('Stop.')],
      ['message', 'function_call', 'function_call_output', 'message'],
    ],
    ['at the end', [], ['message', 'function_call', 'function_call_output']],
  ])('a call without a result %s was aborted, and is named', async (_, more, types) => {
    const answer = await post(body(true, ...more));
    expect([answer.status, answer.headers.get('x-codexd-ignored')]).toEqual([200, 'tool call call_x']);
    const [turn] = turnsSent(world.simulator);
    expect(turn?.body.input.map(({ type }) => type)).toEqual(types);
    expect(turn?.body.input[2]).toEqual({
      type: 'function_call_output',
      call_id: 'call_x',
      output: 'aborted',
    });
  });

  test('a call with its result is not touched', async () => {
    const answer = await post(body(true, result));
    expect([answer.status, answer.headers.get('x-codexd-ignored')]).toEqual([200, null]);
    expect(turnsSent(world.simulator)[0]?.body.input[2]).toMatchObject({ output: 'r' });
  });

  test('a result without its call is refused with its id, or becomes the user’s words', async () => {
    const answer = await post(body(false, result));
    if (path === '/api/chat') {
      expect(answer.status).toBe(200);
      expect(JSON.stringify(turnsSent(world.simulator)[0]?.body.input)).toContain('Tool result:');
    } else {
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('call_x')]);
    }
  });
});
