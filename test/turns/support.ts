// Items of a conversation, and answers of the upstream.
import type { InputItem } from '../../src/responses/request.ts';
import type { OutputItem } from '../../src/responses/response.ts';

export const user = (text: string): InputItem => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
});
export const said = (text: string): InputItem => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
});
export const call = (call_id: string, name = 'f', args = '{"a":1}'): InputItem => ({
  type: 'function_call',
  call_id,
  name,
  arguments: args,
});
export const custom = (call_id: string, input = 'x'): InputItem => ({
  type: 'custom_tool_call',
  call_id,
  name: 'shell',
  input,
});
export const output = (call_id: string, text = 'r', type = 'function_call_output'): InputItem => ({
  type,
  call_id,
  output: text,
});
export const reasoning = (encrypted_content: string): InputItem => ({
  type: 'reasoning',
  summary: [],
  encrypted_content,
});
export const reference = (id: string, param = 'input[0]'): InputItem => ({
  type: 'item_reference',
  id,
  param,
});

/** What the upstream answers: `rs:blob`, `text`, `call_id`, or `call_id name arguments`. */
export function answer(...items: string[]): OutputItem[] {
  return items.map((item, index): OutputItem => {
    if (item.startsWith('rs:')) {
      const blob = item.slice(3);
      return {
        type: 'reasoning',
        id: `rs_${blob}`,
        summary: [{ type: 'summary_text', text: 's' }],
        encrypted_content: blob,
      };
    }
    if (item === 'text') return { type: 'message', id: `msg_${index}`, role: 'assistant', content: [] };
    const [call_id = '', name = 'f', args = '{"a":1}'] = item.split(' ');
    return { type: 'function_call', id: `fc_${call_id}`, call_id, name, arguments: args };
  });
}
