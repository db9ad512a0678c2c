// Installs what a release of the binaries in dist/ would publish; `scripts/check-release` runs it and says how.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pkg from '../package.json' with { type: 'json' };
import { archiveName, writeRelease } from './packaging/release.ts';
import { hostTarget, targets } from './packaging/targets.ts';

const root = join(import.meta.dir, '..');
const dist = join(root, 'dist');
const folder = mkdtempSync(join(tmpdir(), 'codexd-release-'));
const output = join(folder, `v${pkg.version}`);
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request) => new Response(Bun.file(join(folder, new URL(request.url).pathname))),
});
const baseUrl = `http://127.0.0.1:${server.port}`;

try {
  const { version, homepage } = pkg;
  const files = await writeRelease({ version, homepage, baseUrl, binaries: dist, targets, output });
  console.log(`made ${files.length} files in ${output}`);
  await checkInstaller();
  await checkFormula();
} finally {
  await server.stop(true);
  rmSync(folder, { recursive: true, force: true });
}

async function checkInstaller(): Promise<void> {
  const home = join(folder, 'home');
  const installer = ['sh', join(output, 'install.sh'), '--prefix', join(home, '.local')];
  console.log(await run(installer, home));
  const program = join(home, '.local/bin/codexd');
  console.log(await run([program, '--version'], home));
  if (Bun.which('man')) await run(['man', join(home, '.local/share/man/man1/codexd.1')], home);
  console.log(await run(installer, home));
  console.log(await run([...installer, '--uninstall'], home));
  const left = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (left.length > 0) throw new Error(`Left behind: ${left.map(({ name }) => name).join(', ')}`);
}

/** With a stand-in for Homebrew: it needs the network, and its own user. */
async function checkFormula(): Promise<void> {
  if (!Bun.which('ruby')) {
    console.log('ruby is not installed, so the formula was not tried.');
    return;
  }
  const homebrew = join(root, 'test/packaging/homebrew.rb');
  const archive = join(output, archiveName(hostTarget()));
  const prefix = join(folder, 'cellar');
  console.log(await run(['ruby', homebrew, join(output, 'codexd.rb'), archive, prefix], prefix));
}

/** Asynchronous, because the server is in this process. The output; throws if the command fails. */
async function run(command: string[], home: string): Promise<string> {
  mkdirSync(home, { recursive: true });
  const child = Bun.spawn(command, {
    env: { PATH: process.env.PATH ?? '', HOME: home, MANPAGER: 'cat' },
    cwd: home,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')} failed:\n${out}${err}`);
  return `$ ${command.map((word) => word.replace(folder, '…')).join(' ')}\n${out.replaceAll(folder, '…')}`;
}
