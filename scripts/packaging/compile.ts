// Compiles the program for one target.
import { join } from 'node:path';

const src = join(import.meta.dir, '../../src');
/** Started by name from silk/thread.ts, so that no import leads to it. */
const worker = join(src, 'audio/silk/worker.ts');
export const main = join(src, 'main.ts');

export interface Build {
  outfile: string;
  commit: string;
  /** A target's name, which the program reports. */
  target: string;
  /** The Bun to put the program into, for another machine than this one. */
  runtime?: { executable: string; bunTarget: Bun.Build.CompileTarget };
}

export async function compile(
  entrypoint: string,
  { outfile, commit, target, runtime }: Build,
): Promise<void> {
  await Bun.build({
    entrypoints: [entrypoint, worker],
    root: src,
    compile: {
      outfile,
      ...(runtime === undefined ? {} : { target: runtime.bunTarget, executablePath: runtime.executable }),
      // The program reads no files that happen to be in the current directory: "env" means the environment.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
    minify: true,
    bytecode: true,
    // Bytecode alone would make CommonJS, where import.meta fails when the binary runs.
    format: 'esm',
    // Without it `--version` loads the whole program, 9 ms instead of 4.
    splitting: true,
    sourcemap: 'linked',
    define: {
      BUILD_COMMIT: JSON.stringify(commit),
      BUILD_TARGET: JSON.stringify(target),
      'process.env.NODE_ENV': '"production"',
      // A CommonJS package would keep the path of this checkout, and every checkout would build another binary.
      __filename: '"/codexd"',
      __dirname: '"/"',
    },
  });
}
