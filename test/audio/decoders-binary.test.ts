// The bundler drops classes of the decoders that they still refer to. So this compiles a probe in the same way as
// scripts/build compiles codexd, and decodes one clip with each decoder.
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../scripts/packaging/compile.ts';
import { areInstalled, fileOf, risingTone, run, workDirectory } from './containers/support.ts';

const directory = workDirectory();
const root = join(import.meta.dir, '../..');
const clips: [name: string, options: string[]][] = [
  ['v.mp3', []],
  ['v.flac', []],
  ['flac.ogg', ['-c:a', 'flac']],
  ['vorbis.ogg', ['-c:a', 'libvorbis']],
  ['opus.ogg', ['-c:a', 'libopus']],
  ['opus.webm', ['-c:a', 'libopus']],
  ['adts.aac', ['-c:a', 'aac']],
];

const source = `
import { copyPackets } from '${root}/src/audio/containers/remux.ts';
import { decode } from '${root}/src/audio/decoders/index.ts';
import { durationOf } from '${root}/src/audio/reading/duration.ts';
import { recognise } from '${root}/src/audio/reading/recognise.ts';
import { writeWav } from '${root}/src/audio/samples/wav-file.ts';
const [directory, ...names] = process.argv.slice(2);
const signal = new AbortController().signal;
const out = directory + '/out';
for (const name of names) {
  const recording = await recognise(directory + '/' + name, { directory, signal });
  const sound = await decode(recording, { signal });
  const frames = sound ? (await writeWav(sound, out, { rate: 16000, mono: true }, signal)).frames : 0;
  const moved = recording.container === 'adts' && (await copyPackets(recording, 'mp4', out, signal));
  console.log(name, frames, moved, (await durationOf(recording, signal)).toFixed(1));
}
`;

describe.skipIf(!areInstalled('sox', 'ffmpeg'))('the compiled decoders', () => {
  test('decode in the compiled binary', async () => {
    const wav = risingTone(directory);
    for (const [name, options] of clips) {
      run('ffmpeg', '-v', 'error', '-y', '-i', wav, ...options, join(directory, name));
    }
    const entry = fileOf(directory, 'probe.ts', source);
    const binary = join(directory, 'probe');
    await compile(entry, { outfile: binary, commit: 'test', target: 'test' });
    const said = Buffer.from(run(binary, directory, ...clips.map(([name]) => name))).toString();
    expect(said.trim().split('\n')).toEqual([
      'v.mp3 32000 false 2.0',
      'v.flac 32000 false 2.0',
      'flac.ogg 32000 false 2.0',
      'vorbis.ogg 32000 false 2.0',
      'opus.ogg 32000 false 2.0',
      expect.stringMatching(/^opus\.webm 32\d\d\d false 2\.0$/),
      'adts.aac 0 true 2.1',
    ]);
  }, 60_000);
});

test('nothing of the decoders is loaded with the code that may need them', () => {
  const files = [...new Bun.Glob('src/**/*.ts').scanSync({ cwd: root })];
  const importers = (what: RegExp) =>
    files.filter((file) => what.test(readFileSync(join(root, file), 'utf8'))).sort();
  const packages = String.raw`'(?:mediabunny|mpg123-decoder|opus-decoder|@wasm-audio-decoders/[\w-]+)'`;
  expect(importers(new RegExp(`^import (?!type\\b)[^;]*? from ${packages}`, 'm'))).toEqual(
    ['flac', 'mp3', 'opus', 'vorbis'].map((name) => `src/audio/decoders/${name}.ts`),
  );
  expect(importers(/from '[./\w]*\/(?:flac|opus|vorbis|decoders\/mp3)\.ts'/)).toEqual([]);
  expect(importers(/await import\('\.\/(?:flac|mp3|opus|vorbis)\.ts'\)/)).toEqual([
    'src/audio/decoders/index.ts',
  ]);
});
