// Compiles the program; `scripts/build` runs it: build.ts OUTFILE COMMIT.
import { join } from 'node:path';

const src = join(import.meta.dir, '../src');
/** Started by name from silk/thread.ts, so that no import leads to it. */
const worker = join(src, 'audio/silk/worker.ts');

export async function compile(entrypoint: string, outfile: string, commit: string): Promise<void> {
  await Bun.build({
    entrypoints: [entrypoint, worker],
    root: src,
    compile: {
      outfile,
      // "env" means the environment, not files that happen to lie in the current directory.
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
    minify: true,
    bytecode: true,
    // Bytecode alone would make CommonJS, where import.meta fails when the binary runs.
    format: 'esm',
    // Without it `--version` loads the whole program, 9 ms instead of 4.
    splitting: true,
    sourcemap: 'linked',
    define: { BUILD_COMMIT: JSON.stringify(commit), 'process.env.NODE_ENV': '"production"' },
  });
}

if (import.meta.main) {
  const [outfile, commit] = process.argv.slice(2);
  if (outfile === undefined || commit === undefined) throw new Error('usage: build.ts OUTFILE COMMIT');
  await compile(join(src, 'main.ts'), outfile, commit);
}
