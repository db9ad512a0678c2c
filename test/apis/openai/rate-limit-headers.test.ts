// The plan's windows as OpenAI's clients read them (docs/wire/openai.md#rate-limit-headers).
import { expect, test } from 'bun:test';
import { openaiFailure } from '../../../src/apis/openai/errors.ts';
import { windowHeaders } from '../../../src/apis/openai/rate-limit-headers.ts';
import { Failure } from '../../../src/failure.ts';

const nowMs = 1_790_000_000_000;
const window = (usedPercent: number, resetInMs: number | undefined, windowMinutes = 10_080) => ({
  windowMinutes,
  usedPercent,
  resetsAtMs: resetInMs === undefined ? undefined : nowMs + resetInMs,
});
const short = (headers: Record<string, string>) =>
  ['limit', 'remaining', 'reset'].map((name) => headers[`x-ratelimit-${name}-requests`]);

test.each([
  [
    'the window with the least left',
    [window(12, 1000, 300), window(30, 155_800_000)],
    ['100', '70', '43h16m40s'],
  ],
  ['part of a percent is not left', [window(99.2, 360_000)], ['100', '0', '6m0s']],
  ['more than everything', [window(104, 900)], ['100', '0', '1s']],
  ['a reset in the past', [window(5, -1000)], ['100', '95', '0s']],
  ['an unknown reset', [window(5, undefined)], ['100', '95', undefined]],
  ['no report', [], [undefined, undefined, undefined]],
])('%s', (_, windows, expected) => {
  expect(short(windowHeaders(windows, nowMs))).toEqual(expected as string[]);
});

test.each([
  ['usage_limit_reached', ['100', '0', '1m30s']],
  ['quota_stop', ['100', '0', '1m30s']],
  ['rate_limit_exceeded', [undefined, undefined, undefined]],
  ['key_limit_reached', [undefined, undefined, undefined]],
])('a failure with %s', (code, expected) => {
  const failure = new Failure('rate_limited', 'No.', { code, retryAfterMs: 90_000 });
  expect(short(openaiFailure(failure).headers)).toEqual(expected as string[]);
});
