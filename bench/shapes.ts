// Forms of deltas that have been observed or are possible, for benchmarks and tests: the cost of an event must not
// depend on the order of keys, on the content of a delta, or on other events in between.

const message = { item_id: 'msg_bench', output_index: 0, content_index: 0 };
const text = 'response.output_text.delta';
const call = 'response.function_call_arguments.delta';

const event = (fields: { type: string }, lineEnd = '\n') =>
  `event: ${fields.type}${lineEnd}data: ${JSON.stringify(fields)}${lineEnd}${lineEnd}`;

/** The order of keys since summer 2026: the type, then alphabetical. */
const textDelta = (delta: string, sequence_number: number) => ({
  type: text,
  content_index: 0,
  delta,
  item_id: message.item_id,
  logprobs: [],
  obfuscation: 'q8ZrT0aPbc3x',
  output_index: 0,
  sequence_number,
});

const callDelta = (delta: string, sequence_number: number, index = 0) => ({
  type: call,
  delta,
  item_id: `fc_bench${index}`,
  obfuscation: 'q8ZrT0aPbc3x',
  output_index: index,
  sequence_number,
});

/** The bytes of the `number`th delta of a stream. */
export const shapes: Readonly<Record<string, (number: number) => string>> = {
  'keys in alphabetical order': (number) => event(textDelta('a few words of text', number)),
  '`sequence_number` first': (number) => {
    const { type, sequence_number, ...rest } = textDelta('a few words of text', number);
    return event({ sequence_number, type, ...rest } as { type: string });
  },
  'no obfuscation': (number) => {
    const { obfuscation: _, ...rest } = textDelta('a few words of text', number);
    return event(rest);
  },
  'an escape in every delta': (number) => event(textDelta('a few "words"\n', number)),
  'tool arguments': (number) => event(callDelta('{"path":"src/a.ts"}', number)),
  'two calls interleaved': (number) => event(callDelta('{"path":"src/a.ts"}', number, number % 2)),
  'two-byte text': (number) => event(textDelta('несколько слов — 文字', number)),
  'CRLF line ends': (number) => event(textDelta('a few words of text', number), '\r\n'),
};

/** The JSON of an event, as a WebSocket message has it. */
export function messageOf(event: string): string {
  return event.slice(event.indexOf('{'), event.lastIndexOf('}') + 1);
}

/** The events before the deltas of a shape. */
export function opening(shape: string): string {
  const response = { id: 'resp_bench', object: 'response', created_at: 1795187761, status: 'in_progress' };
  const created = event({ type: 'response.created', response } as { type: string });
  if (!/call|tool/.test(shape)) {
    const item = { id: 'msg_bench', type: 'message', status: 'in_progress', role: 'assistant', content: [] };
    const part = { type: 'output_text', annotations: [], logprobs: [], text: '' };
    return (
      created +
      event({ type: 'response.output_item.added', item, output_index: 0 } as { type: string }) +
      event({ type: 'response.content_part.added', ...message, part } as { type: string })
    );
  }
  const calls = shape.includes('two') ? [0, 1] : [0];
  const items = calls.map((index) => ({
    id: `fc_bench${index}`,
    type: 'function_call',
    status: 'in_progress',
    arguments: '',
    call_id: `call_${index}`,
    name: 'read',
  }));
  return (
    created +
    items
      .map((item, output_index) =>
        event({ type: 'response.output_item.added', item, output_index } as { type: string }),
      )
      .join('')
  );
}
