// Builds the npm package of the library: `pack.ts DIRECTORY`. `scripts/pack` runs it and packs the result. The package contains plain
// JavaScript for Bun and Node with everything it imports, so it has no dependencies to install, and its types.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { BunPlugin } from 'bun';
import pkg from '../package.json' with { type: 'json' };

const root = join(import.meta.dir, '..');
const src = join(root, 'src');
const runtime = join(src, 'library/node/runtime.ts');
const worker = join(src, 'audio/silk/worker.ts');
const entries = ['index', 'translators'];

/** Names that Node lacks, where they are used, and what they become. All are exported by node/runtime.ts. */
const replacements: readonly [use: RegExp, name: string, becomes: string][] = [
  [/\bBun\.isStandaloneExecutable\b/g, '', 'true'],
  [/\bBun(?=\.)/g, 'Bun', 'Bun'],
  [/^import \{ (\w+) \} from 'bun';$/m, 'Bun', 'const { $1 } = Bun;'],
  [/\bPromise\.withResolvers\b/g, 'withResolvers', 'withResolvers'],
  [/\bUint8Array\.fromBase64\b/g, 'fromBase64', 'fromBase64'],
  [/\bRegExp\.escape\b/g, 'escapeRegExp', 'escapeRegExp'],
  [/\bnew Worker\b/g, 'Worker', 'new Worker'],
  [/^import \{ dlopen, read \} from 'bun:ffi';$/m, 'ffi', 'const { dlopen, read } = ffi() ?? {};'],
  [/\bself\./g, 'self', 'self.'],
];

/** Imports node/runtime.ts into the files that need it, and finds the SILK decoder beside the code. */
const forNode: BunPlugin = {
  name: 'for-node',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const text = await Bun.file(path).text();
      if (path.startsWith(dirname(runtime))) return { contents: text, loader: 'ts' };
      const used = replacements.filter(([use]) => text.search(use) >= 0);
      const names = [...new Set(used.map(([, name]) => name).filter((name) => name !== ''))];
      const contents = used.reduce((code, [use, , becomes]) => code.replace(use, becomes), text);
      const head = names.length === 0 ? '' : `import { ${names.join(', ')} } from '${runtime}';\n`;
      return { contents: head + contents, loader: 'ts' };
    });
    build.onResolve({ filter: /silk\.wasm$/ }, ({ path }) => ({ path, namespace: 'silk' }));
    build.onLoad({ filter: /.*/, namespace: 'silk' }, () => ({
      contents: `import { fileURLToPath } from 'node:url';
export default fileURLToPath(new URL('./silk.wasm', import.meta.url));`,
      loader: 'js',
    }));
  },
};

async function buildCode(out: string): Promise<void> {
  await Bun.build({
    entrypoints: [...entries.map((entry) => join(src, `library/${entry}.ts`)), worker],
    root: src,
    outdir: out,
    target: 'node',
    format: 'esm',
    splitting: true,
    naming: { entry: '[dir]/[name].js', chunk: '[name]-[hash].js' },
    plugins: [forNode],
    define: { BUILD_COMMIT: JSON.stringify('npm') },
  });
  cpSync(Bun.resolveSync('silk-wasm/lib/silk.wasm', root), join(out, 'silk.wasm'));
}

const relativeImport = /((?:from|import)\s*\(?['"])(\.[^'"]+)\.ts(['"])/g;

/** Declarations of the entry points and of the files they refer to, of all that tsc writes. */
function buildTypes(out: string): void {
  const all = `${out}-types`;
  const { exitCode, stdout } = Bun.spawnSync(
    [process.execPath, 'x', 'tsc', '--project', join(src, 'library'), '--outDir', all],
    { cwd: root, stderr: 'inherit' },
  );
  if (exitCode !== 0) throw new Error(stdout.toString());
  const copied = new Set<string>();
  const copy = (file: string) => {
    if (copied.has(file)) return;
    copied.add(file);
    const text = readFileSync(join(all, 'src', file), 'utf8');
    const target = join(out, file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text.replaceAll(relativeImport, '$1$2.js$3'));
    for (const [, , path] of text.matchAll(relativeImport))
      copy(`${relative(join(all, 'src'), resolve(all, 'src', dirname(file), path!))}.d.ts`);
  };
  for (const entry of entries) copy(`library/${entry}.d.ts`);
  rmSync(all, { recursive: true, force: true });
}

/** The package's own manifest. The repository's stays private, so that nobody publishes the source tree by mistake. */
function writeManifest(out: string): void {
  const exported = (entry: string) => ({
    types: `./library/${entry}.d.ts`,
    default: `./library/${entry}.js`,
  });
  const { name, version, description, license } = pkg;
  const manifest = {
    ...{ name, version, description, license },
    type: 'module',
    engines: { bun: pkg.engines.bun, node: '>=20.16' },
    exports: { '.': exported('index'), './translators': exported('translators') },
    sideEffects: false,
  };
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ['LICENSE', 'THIRD-PARTY.md', 'licenses'])
    cpSync(join(root, file), join(out, file), { recursive: true });
  cpSync(join(root, 'docs/library.md'), join(out, 'README.md'));
}

export async function buildPackage(out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  await buildCode(out);
  buildTypes(out);
  writeManifest(out);
}

if (import.meta.main) {
  const [out] = process.argv.slice(2);
  if (out === undefined) throw new Error('usage: pack.ts DIRECTORY');
  await buildPackage(resolve(out));
}
