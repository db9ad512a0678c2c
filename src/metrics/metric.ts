// Counters, gauges and histograms in Prometheus' text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).

export type Labels = Readonly<Record<string, string | number>>;

export interface Sample {
  /** Added to the metric's name: `_bucket`, `_sum`, `_count`. */
  suffix?: string;
  labels?: Labels;
  value: number;
}

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  samples(): Iterable<Sample>;
}

/** Values by labels, whose names are the same for all values of a metric. */
class Series<T> {
  readonly #values = new Map<string, { labels: Labels; value: T }>();

  /** The value with these labels; at first, `initial()`. */
  entry(labels: Labels, initial: () => T): { labels: Labels; value: T } {
    const id = Object.values(labels).join('\0');
    const found = this.#values.get(id);
    if (found !== undefined) return found;
    const entry = { labels, value: initial() };
    this.#values.set(id, entry);
    return entry;
  }

  all(): Iterable<{ labels: Labels; value: T }> {
    return this.#values.values();
  }
}

export class Counter implements Metric {
  readonly type = 'counter';
  readonly #series = new Series<number>();

  constructor(
    readonly name: string,
    readonly help: string,
  ) {}

  add(labels: Labels, value = 1): void {
    this.#series.entry(labels, () => 0).value += value;
  }

  samples(): Iterable<Sample> {
    return this.#series.all();
  }
}

interface Buckets {
  counts: number[];
  sum: number;
  count: number;
}

export class Histogram implements Metric {
  readonly type = 'histogram';
  readonly #series = new Series<Buckets>();

  constructor(
    readonly name: string,
    readonly help: string,
    /** Upper bounds, ascending. */
    private readonly bounds: readonly number[],
  ) {}

  observe(labels: Labels, value: number): void {
    const initial = () => ({ counts: this.bounds.map(() => 0), sum: 0, count: 0 });
    const { value: buckets } = this.#series.entry(labels, initial);
    buckets.sum += value;
    buckets.count += 1;
    const at = this.bounds.findIndex((bound) => value <= bound);
    if (at >= 0) buckets.counts[at]! += 1;
  }

  *samples(): Iterable<Sample> {
    for (const { labels, value } of this.#series.all()) {
      let below = 0;
      for (const [at, bound] of this.bounds.entries()) {
        below += value.counts[at]!;
        yield { suffix: '_bucket', labels: { ...labels, le: bound }, value: below };
      }
      yield { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: value.count };
      yield { suffix: '_sum', labels, value: value.sum };
      yield { suffix: '_count', labels, value: value.count };
    }
  }
}

/** A gauge with the values of this moment. */
export function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: 'gauge', samples: () => samples };
}

export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** The page that Prometheus reads. */
export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(metricText).join('');
}

function metricText(metric: Metric): string {
  const { name, help, type } = metric;
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  for (const { suffix = '', labels = {}, value } of metric.samples()) {
    lines.push(`${name}${suffix}${labelText(labels)} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
