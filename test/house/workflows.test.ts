// The workflows run what the repository has, and publish under the names that codex-asr's users know.
import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
const directory = join(root, '.github/workflows');
const files = readdirSync(directory).sort();
const read = (file: string) => readFileSync(join(directory, file), 'utf8');

const noActionlint = Bun.which('actionlint') === null;

interface Step {
  id?: string;
  uses?: string;
  run?: string;
  with?: Record<string, string>;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, { strategy?: { matrix: { os?: string[] } }; steps: Step[] }>;
}
const parse = (file: string) => Bun.YAML.parse(read(file)) as Workflow;

test('there are three', () => {
  expect(files).toEqual(['ci.yml', 'image.yml', 'release.yml']);
});

describe.each(files)('%s', (file) => {
  const workflow = parse(file);

  test('grants nothing that a job does not ask for', () => {
    expect(workflow.permissions).toEqual(file === 'ci.yml' ? { contents: 'read' } : {});
  });

  test('pins every action to a version', () => {
    const used = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@(?:v\d+|[0-9a-f]{40})$/.test(action))).toEqual([]);
  });

  test('runs scripts that exist', () => {
    const scripts = [...read(file).matchAll(/\.\/(scripts\/[\w-]+)/g)].map(([, script]) => script!);
    expect(scripts.filter((script) => !existsSync(join(root, script)))).toEqual([]);
  });

  test.skipIf(noActionlint)(`satisfies actionlint${noActionlint ? ': not installed' : ''}`, () => {
    const { stdout, exitCode } = Bun.spawnSync(['actionlint', '-no-color', join(directory, file)]);
    expect({ output: stdout.toString(), exitCode }).toEqual({ output: '', exitCode: 0 });
  });
});

test('CI runs all tests on three systems', () => {
  const { test } = parse('ci.yml').jobs;
  expect(test!.strategy!.matrix.os!.map((os) => os.split('-')[0])).toEqual(['ubuntu', 'macos', 'windows']);
  expect(test!.steps.map(({ run }) => run)).toContain('./scripts/test');
});

test('CI runs every scripts/check-…', () => {
  const { checks } = parse('ci.yml').jobs;
  const [, program] = /node -p '(.+)'\)/.exec(checks!.steps.find(({ id }) => id === 'list')!.run!)!;
  const { stdout } = Bun.spawnSync([process.execPath, '-p', program!], { cwd: root });
  const listed = JSON.parse(stdout.toString()) as string[];
  expect(listed).toContain('check-image');
  const others = readdirSync(join(root, 'scripts')).filter((name) => name.startsWith('check-'));
  expect(others.filter((name) => !listed.includes(name) && !/\.\w+$/.test(name))).toEqual([]);
});

test("the image's tags are those of codex-asr", () => {
  const steps = parse('image.yml').jobs.publish!.steps;
  const { tags, flavor } = steps.find(({ uses }) => uses?.startsWith('docker/metadata-action@'))!.with!;
  expect(flavor).toBe('latest=false');
  expect(tags!.trim().split('\n')).toEqual([
    'type=raw,value=latest,enable={{is_default_branch}}',
    'type=ref,event=branch',
    'type=sha',
    'type=semver,pattern=v{{version}}',
    'type=semver,pattern={{version}}',
    'type=semver,pattern={{major}}.{{minor}}',
  ]);
});
