// Folds a Messages stream the way the SDKs do (docs/wire/anthropic.md#accumulate).
import { type Json, messagesEvents } from './order.ts';

/** The final message. Throws where a client would, and for an error event. */
export function fold(text: string): Json {
  let message: Json | undefined;
  let stopped = false;
  const inputs: string[] = [];
  for (const event of messagesEvents(text)) {
    if (event.type === 'ping') continue;
    if (event.type === 'error') throw new Error(event.error.message);
    if (event.type === 'message_start') {
      if (message !== undefined) throw new Error('message_start twice');
      message = event.message as Json;
      continue;
    }
    if (message === undefined) throw new Error(`${event.type} before message_start`);
    if (event.type === 'content_block_start') {
      message.content.push(event.content_block); // its index is not checked
      inputs.push('');
    } else if (event.type === 'content_block_delta') {
      const block = message.content.at(event.index) as Json | undefined;
      if (block === undefined) throw new Error(`no block ${event.index}`);
      inputs[event.index] += apply(block, event.delta);
    } else if (event.type === 'message_delta') end(message, event);
    else if (event.type === 'message_stop') stopped = true;
  }
  if (message === undefined || !stopped) throw new Error('stream ended without producing a Message');
  for (const [index, json] of inputs.entries()) if (json !== '') message.content[index].input = parsed(json);
  return message;
}

/** Ignores a delta that does not fit its block. Returns a fragment of an input. */
function apply(block: Json, delta: Json): string {
  if (delta.type === 'text_delta' && block.type === 'text') block.text += delta.text;
  if (delta.type === 'thinking_delta' && block.type === 'thinking') block.thinking += delta.thinking;
  if (delta.type === 'signature_delta' && block.type === 'thinking') block.signature = delta.signature;
  if (delta.type === 'citations_delta') block.citations = [...(block.citations ?? []), delta.citation];
  return delta.type === 'input_json_delta' && 'input' in block ? delta.partial_json : '';
}

function end(message: Json, { delta, usage, context_management }: Json): void {
  const { stop_reason, stop_sequence, stop_details } = delta;
  Object.assign(message, { stop_reason, stop_sequence, stop_details });
  if (delta.container !== null) message.container = delta.container;
  if (context_management !== undefined) message.context_management = context_management;
  for (const [key, value] of Object.entries(usage)) {
    if (value !== null || key === 'output_tokens') message.usage[key] = value;
  }
}

/** As in the whole answer: invalid JSON becomes an empty input. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
