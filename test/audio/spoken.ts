// Spoken sentences in several containers, created by Debian's programs (docs/wire/audio.md#test-speech). Missing
// programs are reported.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { encode } from 'silk-wasm';

/** Those of `programs` that are not installed, printed once as the reason for skipped tests. */
export function missing(...programs: string[]): string[] {
  const none = programs.filter((program) => Bun.which(program) === null);
  if (none.length > 0)
    console.warn(`skipped: no ${none.join(', ')} (scripts/speech-tools installs them on Debian)`);
  return none;
}

function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** The comma matters: the voice pauses there, and "you ask" is not heard as "us". */
const sentence = 'ask not what your country can do for you, ask what you can do for your country';
export const words = sentence.replace(',', '').split(' ');

/** The sentence as 16 kHz mono WAV. */
export function speak(path: string): string {
  run('flite', '-voice', 'kal16', '-t', sentence, '-o', `${path}.raw.wav`);
  run('sox', `${path}.raw.wav`, '-r', '16000', '-c', '1', '-b', '16', path);
  return path;
}

/** A WAV encoded as Tencent's SILK at 24 kHz. */
export async function encodeSilk(wav: string, path: string): Promise<string> {
  run('sox', wav, '-r', '24000', '-c', '1', '-b', '16', `${path}.24k.wav`);
  const { data } = await encode(readFileSync(`${path}.24k.wav`), 24_000);
  writeFileSync(path, data);
  return path;
}
