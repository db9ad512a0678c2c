// An upstream that contradicts itself: what was shown is kept, what was truncated is reported as truncated, and no
// client gets half a character.
import { describe, expect, test } from 'bun:test';
import { Collector } from '../../src/responses/collect.ts';
import type { ResponsesResponse } from '../../src/responses/response.ts';
import { play } from '../properties/turns.ts';

const created = { type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } };
const completed = { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } };

/** `raw`: the JSON of deltas, unchanged. */
function turn(events: (object | string)[], accumulateText = true) {
  const frames = events.map((event) => {
    const json = typeof event === 'string' ? event : JSON.stringify(event);
    return `event: ${JSON.parse(json).type}\ndata: ${json}\n\n`;
  });
  const collector = new Collector();
  let shown = '';
  const { events: seen, failure } = play(
    [new TextEncoder().encode(frames.join(''))],
    accumulateText,
    (event) => {
      collector.push(event);
      if ('json' in event) shown += (event as { delta: string }).delta;
    },
  );
  return { shown, seen, failure, response: collector.response as ResponsesResponse };
}

const textAt = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const delta = (text: string) => ({ type: 'response.output_text.delta', ...textAt, delta: text });
const rawDelta = (literal: string) =>
  `{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"${literal}"}`;
const textDone = (text: string) => ({ type: 'response.output_text.done', ...textAt, text });
const messageDone = (text: string, status = 'completed') => ({
  type: 'response.output_item.done',
  output_index: 0,
  item: { id: 'msg_1', type: 'message', role: 'assistant', status, content: [{ type: 'output_text', text }] },
});

const textOf = ({ output }: ResponsesResponse) =>
  (output as unknown as { content: { text: string }[] }[])[0]?.content[0]?.text;

describe('a final text that is not what was streamed', () => {
  const cases: [string, string[], string, string][] = [
    ['a link for a mark', ['see ', '[1]', ' here'], 'see [site](http://x.example) here', 'see [1] here'],
    ['another text of the same length', ['abc', 'def'], 'abcdeg', 'abcdef'],
    ['an empty one', ['abc'], '', 'abc'],
    ['a shorter one', ['abc', 'def'], 'abc', 'abcdef'],
    ['trimmed', [' abc', ' '], 'abc', ' abc '],
    ['a longer one that goes on', ['abc', 'def'], 'abcdefghi', 'abcdefghi'],
    ['a longer one that ends as the deltas do', ['see ', 'x', '.'], 'see [a](b).c', 'see x.'],
  ];
  for (const [name, deltas, final, kept] of cases) {
    for (const accumulateText of [true, false]) {
      test(`${name}${accumulateText ? '' : ', when texts are not kept'}`, () => {
        const events = [created, ...deltas.map(delta), textDone(final), messageDone(final), completed];
        const { shown, response, failure } = turn(events, accumulateText);
        expect(failure).toBeUndefined();
        expect(shown).toBe(kept);
        if (accumulateText) expect(textOf(response)).toBe(kept);
      });
    }
  }

  test('only the finished item disagrees', () => {
    const { shown, response } = turn([created, delta('abc'), textDone('abc'), messageDone('xyz'), completed]);
    expect([shown, textOf(response)]).toEqual(['abc', 'abc']);
  });

  test('a summary of reasoning', () => {
    const at = { item_id: 'rs_1', output_index: 0, summary_index: 0 };
    const { shown, response } = turn([
      created,
      { type: 'response.reasoning_summary_text.delta', ...at, delta: 'thinking' },
      { type: 'response.reasoning_summary_text.done', ...at, text: 'Thought.' },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Thought.' }] },
      },
      completed,
    ]);
    expect(shown).toBe('thinking');
    expect(response.output?.[0]).toMatchObject({ summary: [{ text: 'thinking' }] });
  });
});

describe('final arguments that are not what was streamed', () => {
  const item = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'f' };
  const call = (deltas: string[], done: string | undefined, itemDone: string | undefined) => [
    created,
    { type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } },
    ...deltas.map((text) => ({
      type: 'response.function_call_arguments.delta',
      item_id: 'fc_1',
      output_index: 0,
      delta: text,
    })),
    ...(done === undefined
      ? []
      : [
          {
            type: 'response.function_call_arguments.done',
            item_id: 'fc_1',
            output_index: 0,
            arguments: done,
          },
        ]),
    ...(itemDone === undefined
      ? []
      : [{ type: 'response.output_item.done', output_index: 0, item: { ...item, arguments: itemDone } }]),
    completed,
  ];
  const cases: [string, string[], string | undefined, string | undefined, string][] = [
    ['empty', ['{"a"', ':1}'], '', '', '{"a":1}'],
    ['blank', ['{"a":1}'], ' \n', ' ', '{"a":1}'],
    ['spaced differently', ['{"a": ', '1}'], '{"a":1}', '{"a":1}', '{"a": 1}'],
    ['spaced more', ['{"a":1}'], '{ "a": 1 }', '{ "a": 1 }', '{"a":1}'],
    ['another value', ['{"a":1}'], '{"a":2}', '{"a":2}', '{"a":1}'],
    ['only in the item', ['{"a":1}'], undefined, '', '{"a":1}'],
    ['never', ['{"a":1}'], undefined, undefined, '{"a":1}'],
    ['nothing at all', [], '', '', '{}'],
    ['nothing but blanks', [], '  ', '  ', '{}'],
    ['blank deltas before the arguments', [' '], '{"a":1}', '{"a":1}', ' {"a":1}'],
    ['more of the same', ['{"a"'], '{"a":1}', '{"a":1}', '{"a":1}'],
  ];
  for (const [name, deltas, done, itemDone, kept] of cases) {
    for (const accumulateText of [true, false]) {
      test(`${name}${accumulateText ? '' : ', when texts are not kept'}`, () => {
        const { shown, response, failure } = turn(call(deltas, done, itemDone), accumulateText);
        expect(failure).toBeUndefined();
        expect(JSON.parse(shown)).toEqual(JSON.parse(kept));
        expect(response.output?.[0]).toMatchObject({ arguments: shown });
      });
    }
  }

  const cut: [string, string | undefined, string | undefined][] = [
    ['empty', '', ''],
    ['another text', '{"b":2}', '{"b":2}'],
    ['never', undefined, undefined],
  ];
  for (const [name, done, itemDone] of cut) {
    test(`cut arguments never become a call: ${name}`, () => {
      expect(turn(call(['{"a":'], done, itemDone), false).failure).toMatchObject({
        code: 'stream_incomplete',
      });
    });
  }

  test('a freeform input differs in white space only, or the call is given up', () => {
    const custom = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'call_1', name: 'patch' };
    const at = { item_id: 'ctc_1', output_index: 0 };
    const ended = (input: string) =>
      turn([
        created,
        { type: 'response.output_item.added', output_index: 0, item: { ...custom, input: '' } },
        { type: 'response.custom_tool_call_input.delta', ...at, delta: '*** Begin\n+a' },
        { type: 'response.custom_tool_call_input.done', ...at, input },
        { type: 'response.output_item.done', output_index: 0, item: { ...custom, input } },
        completed,
      ]);
    expect(ended('*** Begin\r\n+a\n').response.output?.[0]).toMatchObject({ input: '*** Begin\n+a' });
    expect(ended('').response.output?.[0]).toMatchObject({ input: '*** Begin\n+a' });
    expect(ended('*** Begin\n+b').failure).toMatchObject({ code: 'stream_incomplete' });
  });
});

describe('a terminal event that is not what it says', () => {
  const ended = (type: string, response: object) =>
    turn([
      created,
      delta('abc'),
      textDone('abc'),
      messageDone('abc'),
      { type, response: { id: 'r', ...response } },
    ]);

  test('completed, but failed: the error it names', () => {
    const error = { code: 'server_error', message: 'boom' };
    const { failure } = ended('response.completed', { status: 'failed', error });
    expect(failure).toMatchObject({ kind: 'upstream_broke', code: 'server_error', message: 'boom' });
  });

  test('completed, but failed for a reason that lasts', () => {
    const error = { code: 'cyber_policy', message: 'flagged' };
    const { failure } = ended('response.completed', { status: 'failed', error });
    expect(failure).toMatchObject({ code: 'cyber_policy', retry: false });
  });

  test('incomplete, but failed', () => {
    expect(ended('response.incomplete', { status: 'failed', error: { code: 'x' } }).failure).toBeDefined();
  });

  test('cancelled is no answer', () => {
    expect(ended('response.completed', { status: 'cancelled' }).failure).toBeDefined();
  });

  const reason = { reason: 'content_filter' };
  for (const [name, type, response, details] of [
    ['the status', 'response.completed', { status: 'incomplete' }, { reason: 'max_output_tokens' }],
    ['the details', 'response.completed', { status: 'completed', incomplete_details: reason }, reason],
    ['the event', 'response.incomplete', { status: 'completed' }, { reason: 'max_output_tokens' }],
  ] as const) {
    test(`cut, says ${name}`, () => {
      const { response: last, seen } = ended(type, response);
      expect(last).toMatchObject({ status: 'incomplete', incomplete_details: details });
      expect(seen.at(-1)?.type).toBe('response.incomplete');
      expect(textOf(last)).toBe('abc');
    });
  }

  test('cut, says the message', () => {
    const { response } = turn([
      created,
      delta('ab'),
      textDone('ab'),
      messageDone('ab', 'incomplete'),
      completed,
    ]);
    expect(response.status).toBe('incomplete');
  });

  test('whole', () => {
    const { response } = ended('response.completed', {
      status: 'completed',
      incomplete_details: null,
      error: null,
    });
    expect(response.status).toBe('completed');
  });
});

describe('half of a surrogate pair', () => {
  const shownOf = (literals: string[], final?: string) => {
    const end = final === undefined ? [] : [textDone(final), messageDone(final)];
    const { shown, seen, response } = turn([created, ...literals.map(rawDelta), ...end, completed]);
    for (const event of seen) expect(JSON.stringify(event)).not.toMatch(/\\ud[89a-f]/i);
    expect(textOf(response)).toBe(shown);
    return shown;
  };

  test('is joined with the other one', () => {
    expect(shownOf(['a \\ud83d', '\\ude00 b'], 'a \u{1f600} b')).toBe('a \u{1f600} b');
    expect(shownOf(['\\uD83D', '\\uDE00\\uD83D', '\\uDE00'], '\u{1f600}\u{1f600}')).toBe(
      '\u{1f600}\u{1f600}',
    );
  });

  test('waits through an empty delta', () => {
    expect(shownOf(['a\\ud83d', '', '\\ude00'], 'a\u{1f600}')).toBe('a\u{1f600}');
  });

  test('alone is replaced', () => {
    expect(shownOf(['a\\ud83d', 'b'])).toBe('a\ufffdb');
    expect(shownOf(['a\\ude00b'])).toBe('a\ufffdb');
    expect(shownOf(['a\\ud83d'])).toBe('a\ufffd');
    expect(shownOf(['a\\ud83d'], 'a')).toBe('a\ufffd');
  });

  test('comes with the rest of the text', () => {
    expect(shownOf(['a\\ud83d'], 'a\u{1f600} and more')).toBe('a\u{1f600} and more');
  });

  test('in an event that is no delta is replaced', () => {
    const search =
      '{"type":"response.output_item.done","output_index":0,"item":{"id":"ws_1","type":"web_search_call","action":{"query":"\\ud83d"}}}';
    const { response } = turn([created, search, completed]);
    expect(response.output?.[0]).toMatchObject({ action: { query: '\ufffd' } });
  });
});
