// SILK in a compiled binary (reference/asr.md 9, trap 26): the wasm file and the worker are inside, and are found there.
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../scripts/build.ts';

const binary = process.env.CODEXD_BINARY;
const root = join(import.meta.dir, '../..');
const clip = join(root, 'test/fixtures/silk/20ms-plain.silk');
const folder = mkdtempSync(join(tmpdir(), 'codexd-silk-binary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(binary === undefined)('trap 26: SILK in the binary', () => {
  test('codexd carries the wasm file and the worker', () => {
    const program = readFileSync(binary!);
    const wasm = readFileSync(join(root, 'node_modules/silk-wasm/lib/silk.wasm'));
    expect(program.includes(wasm)).toBe(true);
    expect(program.includes('/root/audio/silk/worker.js')).toBe(true);
  });

  test('a program compiled like it decodes in both threads, wherever it is started', async () => {
    const probe = join(folder, 'probe');
    await compile(fileURLToPath(import.meta.resolve('./silk-probe.ts')), probe, 'probe');
    // What lies in the current directory under the worker's name is not run.
    const here = join(folder, 'elsewhere');
    mkdirSync(here);
    await Bun.write(join(here, 'audio/silk/worker.js'), 'throw new Error("evil")');
    const { stdout, stderr } = Bun.spawnSync([probe, clip], { cwd: here });
    const reference = await Bun.file(join(root, 'test/fixtures/silk/reference.json')).json();
    const expected: string = reference['20ms-plain.silk'].samples['24000'];
    expect(stderr.toString()).toBe('');
    expect(JSON.parse(stdout.toString())).toEqual({ here: expected, there: expected });
  }, 60_000);
});
