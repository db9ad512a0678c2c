// docs/wire/openai.md#finish-reason, #chat-usage: the finish reason and usage of an answer.
import { describe, expect, test } from 'bun:test';
import { chatUsage, finishReason } from '../../../../src/apis/openai/chat/finish.ts';
import type { FinishReason } from '../../../../src/apis/openai/chat/types.ts';
import type { Usage } from '../../../../src/responses/response.ts';
import { fold } from './fold.ts';
import { call, message, streamOf, translate, turnWith, wholeOf } from './support.ts';

const none = { count: 0, truncated: false };
const one = { count: 1, truncated: false };
const cut = { count: 1, truncated: true };
const incomplete = (reason?: string) => ({
  status: 'incomplete',
  incomplete_details: reason ? { reason } : null,
});

const reasons: [string, object, typeof none, boolean, FinishReason][] = [
  ['completed', { status: 'completed' }, none, false, 'stop'],
  ['completed with a call', { status: 'completed' }, one, false, 'tool_calls'],
  ['completed with a legacy call', { status: 'completed' }, one, true, 'function_call'],
  ['completed, legacy, no call', { status: 'completed' }, none, true, 'stop'],
  ['max_output_tokens', incomplete('max_output_tokens'), none, false, 'length'],
  ['max_output_tokens with calls', incomplete('max_output_tokens'), one, false, 'length'],
  ['content_filter', incomplete('content_filter'), none, false, 'content_filter'],
  ['max_messages', incomplete('max_messages'), none, false, 'stop'],
  ['steered', incomplete('steered'), one, false, 'stop'],
  ['unknown, in the middle of a call', incomplete('whatever'), cut, false, 'length'],
  ['no reason given', incomplete(), none, false, 'stop'],
];
describe('finish reasons', () => {
  test.each(reasons)('%s', (_, response, calls, legacy, expected) => {
    expect(finishReason(response, calls, legacy)).toBe(expected);
  });

  test('a call that was cut for an unknown reason ends with length, streaming or not', () => {
    const events = call('fc_1', 'f', '{"a"').map((event) =>
      event.type === 'response.output_item.done'
        ? { ...event, item: { ...event.item, status: 'incomplete' } }
        : event,
    );
    const turn = turnWith(events, { type: 'response.incomplete', incomplete_details: { reason: 'odd' } });
    expect(fold(streamOf(turn, translate())).finishReason).toBe('length');
    expect(wholeOf(turn, translate()).choices[0].finish_reason).toBe('length');
  });
});

describe('usage', () => {
  const zeros = { audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 };

  test('the exact map; cached and reasoning tokens are parts, not additions', () => {
    const usage = {
      input_tokens: 120,
      input_tokens_details: { cached_tokens: 64, cache_write_tokens: 3 },
      output_tokens: 34,
      output_tokens_details: { reasoning_tokens: 20 },
      total_tokens: 154,
    };
    expect(chatUsage(usage)).toEqual({
      prompt_tokens: 120,
      completion_tokens: 34,
      total_tokens: 154,
      prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 3, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 20, ...zeros },
    });
  });

  test.each([
    [{ input_tokens: 5, output_tokens: 2 }],
    [{ input_tokens: 5, output_tokens: 2, input_tokens_details: null, output_tokens_details: {} }],
    [
      {
        input_tokens: 5.4,
        output_tokens: 2,
        output_tokens_details: { reasoning_tokens: null },
        total_tokens: 7,
      },
    ],
    [{ input_tokens: 5, output_tokens: 2, input_tokens_details: { cached_tokens: -1 } }],
  ])('every number is there and whole: %j', (usage) => {
    expect(chatUsage(usage as Usage)).toEqual({
      prompt_tokens: 5,
      completion_tokens: 2,
      total_tokens: 7,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, ...zeros },
    });
  });

  test('unknown: no zeros that pose as facts', () => {
    const turn = turnWith(message('msg_1', 'Hi'));
    const translation = translate({ stream_options: { include_usage: true } });
    expect(fold(streamOf(turn, translation)).usage).toBeUndefined();
    expect(wholeOf(turn, translation)).not.toHaveProperty('usage');
  });
});
