// Compiles the program; `scripts/build` runs it: build.ts OUTFILE COMMIT. The flags of `bun build` would do but for one thing:
// silk-wasm looks for its wasm file beside itself, where a compiled binary has nothing (reference/asr.md 6.3).
import { join } from 'node:path';

const src = join(import.meta.dir, '../src');
/** Started by name from silk/decode.ts, so that no import leads to it. */
const worker = join(src, 'audio/silk/worker.ts');

export async function compile(entrypoint: string, outfile: string, commit: string): Promise<void> {
  const silkWasm = silkWasmPlugin();
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
    plugins: [silkWasm.plugin],
  });
  if (silkWasm.patched() !== 1)
    throw new Error('silk-wasm is not built from the file it was built from before');
}

/** Embeds the wasm file and gives silk-wasm its path; an update that names the file otherwise fails the build. */
function silkWasmPlugin(): { plugin: Bun.BunPlugin; patched(): number } {
  let patched = 0;
  const lookup = 'new URL("silk.wasm",import.meta.url).href';
  const plugin: Bun.BunPlugin = {
    name: 'silk-wasm',
    setup(build) {
      build.onLoad({ filter: /[\\/]silk-wasm[\\/]lib[\\/]index\.mjs$/ }, async ({ path }) => {
        const [before, after, ...more] = (await Bun.file(path).text()).split(lookup);
        if (after === undefined || more.length > 0) throw new Error(`${path}: not one \`${lookup}\``);
        patched++;
        const asset = 'import embeddedWasm from "./silk.wasm" with { type: "file" };';
        return { contents: `${asset}\n${before}embeddedWasm${after}`, loader: 'js' };
      });
    },
  };
  return { plugin, patched: () => patched };
}

if (import.meta.main) {
  const [outfile, commit] = process.argv.slice(2);
  if (outfile === undefined || commit === undefined) throw new Error('usage: build.ts OUTFILE COMMIT');
  await compile(join(src, 'main.ts'), outfile, commit);
}
