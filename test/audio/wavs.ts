// Recordings of tone bursts, which stand for speech.
import { afterAll } from 'bun:test';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Seconds of tone, or of silence. */
export type Sound = ['tone' | 'silence', number];

/** A 16-bit mono WAV of these sounds, one after the other. */
export function writeWav(path: string, sounds: readonly Sound[], rate = 16_000): string {
  const lengths = sounds.map(([, seconds]) => Math.round(seconds * rate));
  const dataBytes = 2 * lengths.reduce((sum, length) => sum + length, 0);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  const file = openSync(path, 'w');
  writeSync(file, header);
  for (const [index, [kind]] of sounds.entries()) {
    const samples = new Int16Array(lengths[index]!);
    if (kind === 'tone') {
      for (let at = 0; at < samples.length; at++)
        samples[at] = 8000 * Math.sin((at * 2 * Math.PI * 220) / rate);
    }
    writeSync(file, Buffer.from(samples.buffer));
  }
  closeSync(file);
  return path;
}

/** For the test file that uses it; removed after its tests. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'speech-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Minutes of speech, each with a pause of a second at its end. */
export function minutesOfSpeech(minutes: number): Sound[] {
  return Array.from({ length: minutes }, (): Sound[] => [
    ['tone', 59],
    ['silence', 1],
  ]).flat();
}
