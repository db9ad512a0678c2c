// Compiles the program for one target.
import { join } from 'node:path';

const src = join(import.meta.dir, '../../src');
/** silk/thread.ts starts it by name, so no import leads to it. */
const worker = join(src, 'audio/silk/worker.ts');
export const main = join(src, 'main.ts');

export interface Build {
  outfile: string;
  commit: string;
  /** A target's name, which the program reports. */
  target: string;
  /** The Bun executable to embed the program in, for other machines. */
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
      // The program must not read `.env` or `bunfig.toml` from the current directory.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
    minify: true,
    bytecode: true,
    // With bytecode alone, the output would be CommonJS, where import.meta fails in the binary.
    format: 'esm',
    // Without it, `--version` loads the whole program and takes 9 ms instead of 4.
    splitting: true,
    sourcemap: 'linked',
    define: {
      BUILD_COMMIT: JSON.stringify(commit),
      BUILD_TARGET: JSON.stringify(target),
      'process.env.NODE_ENV': '"production"',
      // A CommonJS package would contain the path of this checkout, so that every checkout would build a different
      // binary.
      __filename: '"/codexd"',
      __dirname: '"/"',
    },
  });
}
