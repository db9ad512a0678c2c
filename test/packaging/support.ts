// Releases of a small program, and a server that publishes them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Release, writeRelease } from '../../scripts/packaging/release.ts';
import { binaryName, targets } from '../../scripts/packaging/targets.ts';

export function temporaryDirectory() {
  const path = mkdtempSync(join(tmpdir(), 'codexd-packaging-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes a release whose program only knows its version, to FOLDER/vVERSION. */
export async function fakeRelease(
  folder: string,
  version: string,
  baseUrl: string,
  program = `#!/bin/sh\necho "codexd ${version} (test)"\n`,
): Promise<Release & { files: string[] }> {
  const binaries = join(folder, `binaries-${version}`);
  mkdirSync(binaries, { recursive: true });
  for (const target of targets) writeFileSync(join(binaries, binaryName(target)), `${program}# ${target}\n`);
  const homepage = 'https://codexd.example';
  const release = { version, homepage, baseUrl, binaries, targets, output: join(folder, `v${version}`) };
  return { ...release, files: await writeRelease(release) };
}

/** Serves the files of a folder; `tamper` changes what is sent. */
export function serveFolder(
  folder: string,
  tamper: (name: string, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes,
) {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const file = Bun.file(join(folder, pathname));
      if (!(await file.exists())) return new Response('Not found', { status: 404 });
      return new Response(tamper(pathname, await file.bytes()) as Uint8Array<ArrayBuffer>);
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) };
}
