// Numbers pass unchanged through every API, in requests and in responses.
import { describe, expect, test } from 'bun:test';
import { completed, created, frame, stream, text } from '../upstream/support.ts';
import { chatPath, messagesPath, ollamaPath, responsesPath, testDaemon } from './support.ts';

/** JSON.parse and JSON.stringify would change each of these. */
const odd = '{"id":1234567890123456789,"n":[1.10,-0,1e400,1E5,0.1234567890123456789]}';
const schema = `{"type":"object","properties":{"g":{"type":"number","enum":${odd.slice(odd.indexOf('['), -1)},"minimum":1.0}}}`;

const user = '{"role":"user","content":"Hi."}';
const chat = (more: string) => `{"model":"gpt-5.5","messages":[${user}]${more}}`;
const responses = (more: string) => `{"model":"gpt-5.5","input":"Hi."${more}}`;
const messages = (more: string, list = user) =>
  `{"model":"claude-x","max_tokens":5,"messages":[${list}]${more}}`;
const ollama = (more: string, list = user) => `{"model":"gpt-5.5","messages":[${list}]${more}}`;
const inString = (json: string) => JSON.stringify(json).slice(1, -1);

describe('what a client sends', () => {
  const cases: [what: string, path: string, body: string, sent: string][] = [
    [
      'chat tool',
      chatPath,
      chat(`,"tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]`),
      `"parameters":${schema}`,
    ],
    [
      'chat format',
      chatPath,
      chat(`,"response_format":{"type":"json_schema","json_schema":{"name":"o","schema":${schema}}}`),
      `"schema":${schema}`,
    ],
    [
      'chat arguments as an object',
      chatPath,
      `{"model":"gpt-5.5","messages":[${user},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":${odd}}}]},{"role":"tool","tool_call_id":"c1","content":"r"}]}`,
      inString(odd),
    ],
    [
      'responses tool',
      responsesPath,
      responses(`,"tools":[{"type":"function","name":"f","parameters":${schema},"strict":false}]`),
      `"parameters":${schema}`,
    ],
    [
      'responses format',
      responsesPath,
      responses(`,"text":{"format":{"type":"json_schema","name":"o","schema":${schema}}}`),
      `"schema":${schema}`,
    ],
    [
      'responses arguments and output as objects',
      responsesPath,
      `{"model":"gpt-5.5","input":[{"type":"function_call","call_id":"c1","name":"f","arguments":${odd}},{"type":"function_call_output","call_id":"c1","output":${odd}}]}`,
      `"arguments":"${inString(odd)}"},{"type":"function_call_output","call_id":"c1","output":"${inString(odd)}"`,
    ],
    [
      'messages tool',
      messagesPath,
      messages(`,"tools":[{"name":"f","input_schema":${schema}}]`),
      '"enum":[1.10,-0,1e400,1E5,0.1234567890123456789],"minimum":1.0',
    ],
    [
      'messages format',
      messagesPath,
      messages(`,"output_config":{"format":{"type":"json_schema","schema":${schema}}}`),
      `"schema":${schema}`,
    ],
    [
      'messages replay',
      messagesPath,
      messages(
        '',
        `${user},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":${odd}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}`,
      ),
      inString(odd),
    ],
    [
      'ollama tool',
      ollamaPath,
      ollama(`,"tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]`),
      '"enum":[1.10,-0,1e400,1E5,0.1234567890123456789],"minimum":1.0',
    ],
    ['ollama format', ollamaPath, ollama(`,"format":${schema}`), `"schema":${schema}`],
    [
      'ollama replay and result',
      ollamaPath,
      ollama(
        '',
        `${user},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":${odd}}}]},{"role":"tool","content":${odd}}`,
      ),
      `"arguments":"${inString(odd)}"},{"type":"function_call_output","call_id":"call_0","output":"${inString(odd)}"`,
    ],
  ];
  test.each(cases)('%s', async (_, path, body, sent) => {
    await using daemon = testDaemon([stream(created, text('Hello.'), completed)]);
    const answer = await daemon.post(path, body);
    expect([answer.status, await answer.text()]).toEqual([200, expect.anything()]);
    expect(daemon.world.sent[0]?.body).toContain(sent);
  });
});

describe('options that codexd reads itself', () => {
  test.each([
    [chatPath, chat(',"max_tokens":1.0,"n":1.0,"temperature":1.0')],
    [responsesPath, responses(',"max_output_tokens":16.0,"top_p":1.0')],
    [
      messagesPath,
      `{"model":"claude-x","max_tokens":5.0,"thinking":{"type":"enabled","budget_tokens":1024.0},"messages":[${user}]}`,
    ],
    [ollamaPath, ollama(',"keep_alive":1.0,"options":{"num_predict":-1.0}')],
  ])('%s: a float that is a whole number counts as one', async (path, body) => {
    await using daemon = testDaemon([stream(created, text('Hello.'), completed)]);
    const answer = await daemon.post(path, body);
    expect([answer.status, await answer.text()]).toEqual([200, expect.anything()]);
  });

  test.each([
    [chatPath, chat(',"max_tokens":1.50'), 'max_tokens'],
    [chatPath, chat(',"model":1.0'), 'model'],
    [chatPath, chat(',"tools":[{"type":1.0}]'), 'tools[0].type'],
    [responsesPath, responses(',"previous_response_id":1.0'), 'previous_response_id'],
    [responsesPath, '{"model":"gpt-5.5","input":[{"type":1.0}]}', 'input[0].type'],
    [messagesPath, `{"model":"claude-x","max_tokens":-0.50,"messages":[${user}]}`, 'max_tokens'],
    [ollamaPath, ollama(',"format":1.0'), 'format'],
    [ollamaPath, ollama(',"options":1.0'), 'options'],
  ])('%s: %s is refused by name', async (path, body, param) => {
    await using daemon = testDaemon([]);
    const answer = await daemon.post(path, body);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(param);
  });

  test('metadata and limits are echoed as they were sent', async () => {
    await using daemon = testDaemon([stream(created, text('Hello.'), completed)]);
    const answer = await daemon.post(
      responsesPath,
      responses(`,"metadata":${odd},"max_output_tokens":12345678901234567890`),
    );
    const body = await answer.text();
    expect(body).toContain(`"metadata":${odd}`);
    expect(body).toContain('"max_output_tokens":12345678901234567890');
  });
});

describe('what the model answers', () => {
  const item = { id: 'fc1', type: 'function_call', call_id: 'call_1', name: 'f', arguments: odd };
  const turn = stream(
    frame('response.created', { response: { id: 'resp_1', status: 'in_progress' } }),
    frame('response.output_item.done', { output_index: 0, item: { ...item, status: 'completed' } }),
    frame('response.completed', { response: { id: 'resp_1', status: 'completed', output: [] } }),
  );
  test.each([
    ['messages, whole', messagesPath, messages(''), `"input":${odd}`],
    ['messages, streamed', messagesPath, messages(',"stream":true'), inString(odd)],
    ['ollama, whole', ollamaPath, ollama(',"stream":false'), `"arguments":${odd}`],
    ['ollama, streamed', ollamaPath, ollama(''), `"arguments":${odd}`],
    ['chat, whole', chatPath, chat(''), inString(odd)],
    ['responses, whole', responsesPath, responses(''), inString(odd)],
  ])('%s', async (_, path, body, told) => {
    await using daemon = testDaemon([turn]);
    const answer = await daemon.post(path, body);
    expect(await answer.text()).toContain(told);
  });

  test.each([',"stream":true', ''])(
    'responses: fields of the response that codexd does not read%s',
    async (more) => {
      const end = `{"id":"resp_1","status":"completed","created_at":1790000000.0,"output":[],"novel":${odd},"usage":{"input_tokens":3.0,"output_tokens":4.0,"total_tokens":7.0}}`;
      await using daemon = testDaemon([
        stream(
          `data: {"type":"response.created","response":${end}}\n\n`,
          text('Hello.'),
          `data: {"type":"response.completed","response":${end}}\n\n`,
        ),
      ]);
      const answer = await daemon.post(responsesPath, responses(more));
      const body = await answer.text();
      expect(body).toContain(`"novel":${odd}`);
      expect(body).toContain('"created_at":1790000000,');
      expect(body).toContain('"input_tokens":3,');
    },
  );

  test.each([',"stream":true', ''])('responses: items that codexd does not read%s', async (more) => {
    const json = `{"id":"x_1","type":"novel_call","status":"completed","result":${odd}}`;
    await using daemon = testDaemon([
      stream(
        frame('response.created', { response: { id: 'resp_1', status: 'in_progress' } }),
        `data: {"type":"response.output_item.done","output_index":0.0,"item":${json}}\n\n`,
        frame('response.completed', { response: { id: 'resp_1', status: 'completed', output: [] } }),
      ),
    ]);
    const answer = await daemon.post(responsesPath, responses(more));
    const body = await answer.text();
    expect(body).toContain(`"result":${odd}`);
    if (more !== '') expect(body).toContain('"output_index":0,');
  });
});
