// The alert rules and the dashboard use only metrics and labels that `/metrics` has, and every metric is used or documented.
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fullPage, samplesOf } from '../metrics/support.ts';
import { namesInQuery, parseExposition } from '../support/prometheus.ts';

const root = join(import.meta.dir, '../..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');

interface Rules {
  groups: {
    rules: { alert: string; expr: string; annotations: { summary: string; description?: string } }[];
  }[];
}
interface Dashboard {
  panels: { id: number; title: string; gridPos: object; targets: { expr: string; legendFormat: string }[] }[];
  templating: { list: { name: string; query: string }[] };
}

const rules = (Bun.YAML.parse(text('deploy/prometheus/alerts.yml')) as Rules).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(text('deploy/grafana/codexd.json')) as Dashboard;
/** In Debian's `prometheus` package. */
const noPromtool = Bun.which('promtool') === null;
const samples = samplesOf(fullPage());
/** Added by Prometheus to every sample. */
const ownLabels = ['instance', 'job'];

function expectNames(expression: string, moreLabels: readonly string[] = []): void {
  const { metrics, labels } = namesInQuery(expression);
  expect(metrics.filter((name) => !samples.has(name))).toEqual([]);
  const known = new Set([...ownLabels, ...metrics.flatMap((name) => [...(samples.get(name) ?? [])])]);
  expect([...labels, ...moreLabels].filter((label) => !known.has(label))).toEqual([]);
}

describe('the alert rules', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s', (_, { expr, annotations }) => {
    const shown = Object.values(annotations).join(' ');
    expectNames(
      expr,
      [...shown.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
    );
    expect(namesInQuery(expr).metrics.length > 0 || expr.startsWith('up{')).toBe(true);
  });
});

describe.skipIf(noPromtool)(`promtool${noPromtool ? ': not installed' : ''}`, () => {
  const promtool = async (argv: string[], stdin = '') => {
    const child = Bun.spawn(['promtool', ...argv], {
      cwd: root,
      stdin: new Blob([stdin]),
      stdout: 'pipe',
      stderr: 'pipe',
    });
    return {
      exitCode: await child.exited,
      out: await new Response(child.stdout).text(),
      err: await new Response(child.stderr).text(),
    };
  };

  test('accepts the alert rules', async () => {
    expect(await promtool(['check', 'rules', 'deploy/prometheus/alerts.yml'])).toMatchObject({
      exitCode: 0,
      err: '',
    });
  });

  test('accepts the metrics', async () => {
    expect(await promtool(['check', 'metrics'], fullPage())).toMatchObject({ exitCode: 0, out: '', err: '' });
  });
});

describe('the dashboard', () => {
  test.each(dashboard.panels.map((panel) => [panel.title, panel] as const))('%s', (_, { targets }) => {
    for (const { expr, legendFormat } of targets) {
      expectNames(
        expr,
        [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
      );
      expect(namesInQuery(expr).metrics).not.toEqual([]);
    }
  });

  test('shows every metric of codexd', () => {
    const used = new Set([
      ...dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesInQuery(expr).metrics)),
      ...dashboard.templating.list.flatMap(({ query }) => namesInQuery(query).metrics),
    ]);
    const names = [...parseExposition(fullPage()).keys()].filter((name) => name.startsWith('codexd_'));
    const notShown = names.filter(
      (name) => ![...used].some((one) => one.replace(/_(bucket|sum|count)$/, '') === name),
    );
    expect(notShown).toEqual(['codexd_queue_running']); // its open requests are shown
  });

  test('has panels of its own place each', () => {
    expect(new Set(dashboard.panels.map(({ gridPos }) => JSON.stringify(gridPos))).size).toBe(
      dashboard.panels.length,
    );
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});
