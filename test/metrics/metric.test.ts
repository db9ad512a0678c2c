// The text format, checked by a parser that refuses what Prometheus refuses.
import { describe, expect, test } from 'bun:test';
import { Counter, exposition, gauge, Histogram } from '../../src/metrics/metric.ts';
import { namesInQuery, parseExposition } from '../support/prometheus.ts';

test('a counter adds up per set of labels', () => {
  const counter = new Counter('codexd_things_total', 'Things.');
  counter.add({ kind: 'a' });
  counter.add({ kind: 'a' }, 2);
  counter.add({ kind: 'b' });
  expect(exposition([counter])).toBe(
    '# HELP codexd_things_total Things.\n# TYPE codexd_things_total counter\n' +
      'codexd_things_total{kind="a"} 3\ncodexd_things_total{kind="b"} 1\n',
  );
});

test('a histogram has cumulative buckets', () => {
  const histogram = new Histogram('codexd_wait_seconds', 'Waits.', [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe({}, value);
  const samples = parseExposition(exposition([histogram])).get('codexd_wait_seconds')?.samples;
  expect(samples?.map(({ labels, value }) => [labels.le, value])).toEqual([
    ['0.1', 2],
    ['1', 3],
    ['+Inf', 4],
    [undefined, 7.65],
    [undefined, 4],
  ]);
});

test('any text is a label value', () => {
  const value = 'a "quoted" \\ back\\nslash\nand a line, } = ü';
  const text = exposition([gauge('codexd_x', 'X.', [{ labels: { a: value, b: 'c' }, value: 1 }])]);
  expect(parseExposition(text).get('codexd_x')?.samples).toEqual([
    { name: 'codexd_x', labels: { a: value, b: 'c' }, value: 1 },
  ]);
});

describe('the parser refuses', () => {
  const head = '# HELP codexd_x X.\n# TYPE codexd_x gauge\n';
  const histogram = '# HELP codexd_h H.\n# TYPE codexd_h histogram\n';
  test.each([
    ['no line feed at the end', `${head}codexd_x 1`],
    ['no type', 'codexd_x 1\n'],
    ['no help', '# TYPE codexd_x gauge\ncodexd_x 1\n'],
    ['the same sample twice', `${head}codexd_x 1\ncodexd_x 2\n`],
    ['the same family twice', `${head}codexd_x 1\n${head}codexd_x{a="b"} 2\n`],
    ['a sample of another family', `${head}codexd_y 1\n`],
    ['a label without quotes', `${head}codexd_x{a=b} 1\n`],
    ['an unescaped quote', `${head}codexd_x{a="b"c"} 1\n`],
    ['not a number', `${head}codexd_x undefined\n`],
    ['a counter without _total', '# HELP codexd_c C.\n# TYPE codexd_c counter\ncodexd_c 1\n'],
    ['no +Inf', `${histogram}codexd_h_bucket{le="1"} 1\ncodexd_h_sum 1\ncodexd_h_count 1\n`],
    ['no sum', `${histogram}codexd_h_bucket{le="+Inf"} 1\ncodexd_h_count 1\n`],
    [
      'buckets that fall',
      `${histogram}codexd_h_bucket{le="1"} 2\ncodexd_h_bucket{le="+Inf"} 1\ncodexd_h_sum 1\ncodexd_h_count 1\n`,
    ],
  ])('%s', (_, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});

test('names in a query', () => {
  const query =
    'sum by (model, kind) (rate(codexd_tokens_total{kind=~"input|output"}[5m])) / on (api) codexd_x > 1';
  expect(namesInQuery(query)).toEqual({
    metrics: ['codexd_tokens_total', 'codexd_x'],
    labels: ['kind', 'model', 'kind', 'api'],
  });
});
