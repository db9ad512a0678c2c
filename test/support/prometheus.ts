// A strict parser of Prometheus' text format, and of the metric names in its query language.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format

export interface Family {
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/** By name. Throws for everything that Prometheus or its linter would refuse. */
export function parseExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  if (!text.endsWith('\n')) throw new Error('The last line must end with a line feed.');
  const seen = new Set<string>();
  let current: [string, Family] | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (!metricName.test(name)) throw new Error(`Invalid name: ${line}`);
      if (families.has(name)) throw new Error(`${name} is there twice.`);
      if (rest.trim() === '') throw new Error(`${name} has no help.`);
      current = [name, { type: '', help: rest, samples: [] }];
      families.set(...current);
    } else if (keyword === 'TYPE') {
      if (current?.[0] !== name || current[1].type !== '') throw new Error(`TYPE without HELP: ${line}`);
      if (!/^(counter|gauge|histogram)$/.test(rest)) throw new Error(`Unknown type: ${line}`);
      if ((rest === 'counter') !== name.endsWith('_total'))
        throw new Error(`A counter ends with _total: ${name}`);
      current[1].type = rest;
    } else {
      const sample = sampleOf(line);
      if (current === undefined || !belongs(sample.name, ...current))
        throw new Error(`Out of place: ${line}`);
      const id = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(id)) throw new Error(`Twice: ${line}`);
      seen.add(id);
      current[1].samples.push(sample);
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function sampleOf(line: string): Family['samples'][number] {
  const [, name = '', labelText = '', valueText = ''] = sampleLine.exec(line) ?? [];
  if (name === '') throw new Error(`Not a sample: ${line}`);
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < labelText.length) {
    const [, label = '', value = ''] = labelPair.exec(labelText) ?? [];
    if (label === '' || label.startsWith('__') || label in labels) throw new Error(`Invalid labels: ${line}`);
    labels[label] = value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
  }
  const value = Number(valueText);
  if (!Number.isFinite(value)) throw new Error(`Not a number: ${line}`);
  return { name, labels, value };
}

function belongs(sample: string, name: string, { type }: Family): boolean {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample);
  return type !== '' && sample === name;
}

function checkFamily(name: string, { type, samples }: Family): void {
  if (type === '') throw new Error(`${name} has no type.`);
  if (type === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is negative.`);
  if (type !== 'histogram') return;
  const groups = Map.groupBy(samples, ({ labels: { le, ...others } }) => JSON.stringify(others));
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name.endsWith('_bucket'));
    const bounds = buckets.map(({ labels }) =>
      labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le),
    );
    const isAscending = (values: number[]) =>
      values.every((value, at) => at === 0 || value >= values[at - 1]!);
    const count = group.find((sample) => sample.name.endsWith('_count'))?.value;
    if (!isAscending(bounds) || !isAscending(buckets.map(({ value }) => value))) {
      throw new Error(`The buckets of ${name} are not cumulative.`);
    }
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || buckets.at(-1)?.value !== count) {
      throw new Error(`${name} has no bucket +Inf with its count.`);
    }
    if (!group.some((sample) => sample.name.endsWith('_sum'))) throw new Error(`${name} has no sum.`);
  }
}

/** The names of samples in an expression, and the labels it selects or groups by, of all of them. */
export function namesInQuery(expression: string): { metrics: string[]; labels: string[] } {
  const selectors = [...expression.matchAll(/\{([^}]*)\}/g)].map(([, body = '']) => body);
  const groups = [...expression.matchAll(/\b(?:by|without|on|ignoring|group_left)\s*\(([^)]*)\)/g)];
  const labels = [
    ...selectors.flatMap((body) =>
      [...body.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    ),
    ...groups.flatMap(([, list = '']) => list.split(',').map((label) => label.trim())),
  ];
  const plain = expression.replace(/\{[^}]*\}/g, '');
  return {
    metrics: plain.match(/\b(?:codexd|process)_\w+/g) ?? [],
    labels: labels.filter((label) => label !== ''),
  };
}
