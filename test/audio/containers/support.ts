// Headers of uncompressed audio, written byte by byte (docs/wire/audio.md#pcm-containers), and the programs that create
// real files.

import { afterAll } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from '../../../src/audio/containers/byte-source.ts';
import type { PcmLayout } from '../../../src/audio/containers/layout.ts';
import type { Ffmpeg } from '../../../src/audio/converting/ffmpeg.ts';
import { soundOf } from '../../../src/audio/samples/sound.ts';

export const neverAborted = new AbortController().signal;

/** A directory for this test file, removed after its tests. */
export function workDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'codexd-audio-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function fileOf(directory: string, name: string, bytes: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

export function bytesOf(content: Uint8Array): ByteSource {
  return {
    size: content.length,
    read: async (at, length) =>
      content.subarray(Math.min(at, content.length), Math.min(at + length, content.length)),
  };
}

export function u16(value: number, little = true): number[] {
  return little ? [value & 255, (value >> 8) & 255] : [(value >> 8) & 255, value & 255];
}

export function u32(value: number, little = true): number[] {
  const [low, high] = [value & 0xffff, (value >>> 16) & 0xffff];
  return little ? [...u16(low), ...u16(high)] : [...u16(high, false), ...u16(low, false)];
}

export function ascii(text: string): number[] {
  return [...text].map((char) => char.charCodeAt(0));
}

/** With the pad byte. */
export function chunk(id: string, body: number[], little = true, size = body.length): number[] {
  return [...ascii(id), ...u32(size, little), ...body, ...(body.length % 2 ? [0] : [])];
}

export interface WavParts {
  mark?: string;
  tag?: number;
  channels?: number;
  rate?: number;
  bits?: number;
  block?: number;
  /** After the 16 bytes of the format. */
  extra?: number[];
  before?: number[];
  after?: number[];
  dataSize?: number;
  riffSize?: number;
}

export function wav(data: number[], parts: WavParts = {}): Uint8Array {
  const {
    mark = 'RIFF',
    tag = 1,
    channels = 1,
    rate = 16_000,
    bits = 16,
    extra = [],
    before = [],
    after = [],
  } = parts;
  const little = mark !== 'RIFX';
  const block = parts.block ?? (channels * bits) / 8;
  const numbers = [u16(tag, little), u16(channels, little), u32(rate, little), u32(rate * block, little)];
  const format = [...numbers.flat(), ...u16(block, little), ...u16(bits, little), ...extra];
  const body = [
    ...ascii('WAVE'),
    ...before,
    ...chunk('fmt ', format, little),
    ...chunk('data', data, little, parts.dataSize),
    ...after,
  ];
  return Uint8Array.from([...ascii(mark), ...u32(parts.riffSize ?? body.length, little), ...body]);
}

/** All samples of a file, a plane per channel. */
export async function samplesOf(path: string, layout: PcmLayout): Promise<number[][]> {
  const planes: number[][] = Array.from({ length: layout.channels }, () => []);
  for await (const block of soundOf(path, layout).blocks) {
    block.forEach((plane, channel) => {
      for (const sample of plane) planes[channel]?.push(sample);
    });
  }
  return planes;
}

/** True if all programs are installed; otherwise prints what is missing. */
export function areInstalled(...names: string[]): boolean {
  const missing = names.filter((name) => Bun.which(name) === null);
  if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`);
  return missing.length === 0;
}

export function run(...command: string[]): Uint8Array {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command[0]}: ${stderr.toString()}`);
  return stdout;
}

/** Two seconds that cannot be confused: a rising tone, 16 kHz, one channel. */
export function risingTone(directory: string, name = 'glide.wav', ...effects: string[]): string {
  const path = join(directory, name);
  run(
    'sox',
    '-R',
    '-n',
    '-r',
    '16000',
    '-b',
    '16',
    path,
    'synth',
    '2',
    'sine',
    '300-3000',
    'vol',
    '0.5',
    ...effects,
  );
  return path;
}

/** The tools for conversions: the ffmpeg at this path, or the installed one. */
export function ffmpegAt(program = Bun.which('ffmpeg') ?? ''): Ffmpeg {
  return { program, env: process.env, atExit: () => () => {} };
}
