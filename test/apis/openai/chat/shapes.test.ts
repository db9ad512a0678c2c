// Whole requests: the example of docs/wire/openai.md#chat-request, and Responses bodies on the chat route.
import { describe, expect, test } from 'bun:test';
import { openaiChat } from '../../../../src/apis/openai/chat/index.ts';
import { fold } from './fold.ts';
import { context, message, streamOf, translate, turnWith } from './support.ts';

test('the worked example, byte for byte', () => {
  const client = `{"model":"gpt-5.5","stream":true,"stream_options":{"include_usage":true},"temperature":0,"max_tokens":500,
     "messages":[
      {"role":"system","content":"Answer briefly."},
      {"role":"user","content":[{"type":"text","text":"What is in the picture and what is the weather there?"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0…","detail":"low"}}]},
      {"role":"assistant","content":"A harbour in Oslo.","tool_calls":[
        {"id":"call_a1","type":"function","function":{"name":"weather","arguments":"{\\"city\\":\\"Oslo\\"}"}}]},
      {"role":"tool","tool_call_id":"call_a1","content":"7 C, rain"}],
     "tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object",
        "properties":{"city":{"type":"string"}},"required":["city"]}}}],
     "reasoning_effort":"low"}`;
  // Without "store" and "stream", which src/upstream adds to every request.
  const upstream = `{"model":"gpt-5.5","instructions":"Answer briefly.",
     "input":[
      {"type":"message","role":"user","content":[
        {"type":"input_text","text":"What is in the picture and what is the weather there?"},
        {"type":"input_image","image_url":"data:image/png;base64,iVBORw0…","detail":"low"}]},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"A harbour in Oslo."}]},
      {"type":"function_call","call_id":"call_a1","name":"weather","arguments":"{\\"city\\":\\"Oslo\\"}"},
      {"type":"function_call_output","call_id":"call_a1","output":"7 C, rain"}],
     "tools":[{"type":"function","name":"weather","strict":false,"parameters":{"type":"object",
        "properties":{"city":{"type":"string"}},"required":["city"]}}],
     "reasoning":{"effort":"low"}}`;
  const translation = openaiChat.request(JSON.parse(client), context);
  expect(JSON.stringify(translation.request)).toBe(JSON.stringify(JSON.parse(upstream)));
  expect(translation.dropped.map(({ field }) => field)).toEqual(['temperature', 'max_tokens']);
  expect(translation).toMatchObject({ stream: true, includeUsage: true });
});

describe('a Responses body on the chat route', () => {
  const body = {
    model: 'gpt-5.5',
    messages: undefined,
    stream: true,
    stream_options: { include_usage: true },
    input: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ],
    tools: [
      { type: 'function', name: 'read', parameters: { type: 'object' } },
      {
        type: 'custom',
        name: 'apply_patch',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
      },
      { type: 'image_generation' },
    ],
    reasoning: { effort: 'high' },
    text: { verbosity: 'low' },
    include: ['reasoning.encrypted_content'],
    prompt_cache_retention: '24h',
    metadata: { a: 'b' },
    user: 'u',
  };

  test.each([[undefined], [[]]])('is read as one when messages is %j', (messages) => {
    const translation = translate({ ...body, messages });
    expect(translation).toMatchObject({
      model: 'gpt-5.5',
      stream: true,
      includeUsage: true,
      legacyFunctions: false,
    });
    expect(translation.request).toMatchObject({
      reasoning: { effort: 'high' },
      text: { verbosity: 'low' },
      input: [{ role: 'developer' }, { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
    });
    expect(translation.request.tools?.map(({ type }) => type)).toEqual([
      'function',
      'custom',
      'image_generation',
    ]);
  });

  test('input may be a text, and stop texts are cut here too', () => {
    const translation = translate({ messages: undefined, input: 'Hi', stop: 'END' });
    expect(translation).toMatchObject({ stop: ['END'], dropped: [] });
    expect(translation.request.input).toHaveLength(1);
  });

  test('messages win over input', () => {
    const translation = translate({ input: 'not this' });
    expect(JSON.stringify(translation.request)).not.toContain('not this');
    expect(translation.dropped.map(({ field }) => field)).toEqual(['input']);
  });

  test('is answered in chat chunks, its custom tool calls as such', () => {
    const item = {
      id: 'ctc_1',
      type: 'custom_tool_call',
      call_id: 'call_1',
      name: 'apply_patch',
      input: '*** Begin',
    };
    const turn = turnWith([...message('msg_1', 'Patching.'), { type: 'response.output_item.done', item }]);
    const folded = fold(streamOf(turn, translate(body)));
    expect(folded.message.tool_calls).toEqual([
      { id: 'call_1', type: 'custom', custom: { name: 'apply_patch', input: '*** Begin' } },
    ]);
    expect(folded.finishReason).toBe('tool_calls');
  });
});
