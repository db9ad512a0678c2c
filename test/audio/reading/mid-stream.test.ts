// Recordings that begin in the middle of a frame or a stream: constructed ones, and truncated real ones.
import { describe, expect, test } from 'bun:test';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { recognise } from '../../../src/audio/reading/recognise.ts';
import { Failure } from '../../../src/failure.ts';
import { areInstalled, fileOf, neverAborted, risingTone, run, workDirectory } from '../containers/support.ts';

const directory = workDirectory();
const recognised = (content: Uint8Array) =>
  recognise(fileOf(directory, 'cut', content), { directory, signal: neverAborted });

/** Contains no two bytes that look like a sync word. */
const rest = Buffer.from(Array.from({ length: 301 }, (_, at) => at % 251));

describe('frames put together by hand', () => {
  const frames = (header: number[], bytes: number, count: number) =>
    Buffer.concat(
      Array.from({ length: count }, () =>
        Buffer.concat([Buffer.from(header), Buffer.alloc(bytes - header.length)]),
      ),
    );
  const rows: [string, Buffer, string][] = [
    ['MP3 of 64 kbit/s at 44.1 kHz', frames([0xff, 0xfb, 0x50, 0xc0], 208, 5), 'mp3'],
    ['ADTS', frames([0xff, 0xf1, 0x50, 0x40, 0x20, 0x1f, 0xfc], 256, 5), 'adts'],
    ['AC-3 of 192 kbit/s at 48 kHz', frames([0x0b, 0x77, 0, 0, 20, 8 << 3], 768, 4), 'ac3'],
    ['E-AC-3', frames([0x0b, 0x77, 0x01, 0x7f, 0, 16 << 3], 768, 4), 'eac3'],
    ['AAC in LOAS', frames([0x56, 0xe1, 0x00], 259, 4), 'latm'],
    ['MPEG-TS', frames([0x47, 0x40, 0x11, 0x10], 188, 5), 'mpegts'],
    ['M2TS', frames([0, 0, 0, 0, 0x47, 0x40, 0x11, 0x10], 192, 5), 'mpegts'],
  ];
  test.each(rows)(
    '%s is recognised by its chain of frames, and read from the first',
    async (_, stream, container) => {
      const found = await recognised(Buffer.concat([rest, stream]));
      expect(found.container).toBe(container as typeof found.container);
      expect(readFileSync(found.path).equals(stream)).toBe(true);
    },
  );

  test.each(rows)('three frames of %s among other bytes prove nothing', async (_, stream) => {
    const three = stream.subarray(0, 3 * (stream.length / (stream.length % 5 === 0 ? 5 : 4)));
    const failure = await recognised(Buffer.concat([rest, three, rest])).catch((thrown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
  });

  test('samples that were declared are not searched for frames', async () => {
    const content = Buffer.concat([rest, rows[0]![1]]);
    const raw = { encoding: 's16le', rate: 16_000, channels: 1 } as const;
    const found = await recognise(fileOf(directory, 'raw', content), {
      directory,
      signal: neverAborted,
      raw,
    });
    expect(found).toMatchObject({ container: 'raw', bytes: content.length });
  });
});

describe('Ogg', () => {
  const page = (flags: number, packet: string) =>
    Buffer.from(`OggS\0${String.fromCharCode(flags)}${'\0'.repeat(22)}${packet}`, 'latin1');

  test('a dump that reaches the next song begins with it', async () => {
    const song = Buffer.concat([page(2, 'OpusHead\x01\x01'), page(0, 'OpusTags')]);
    const found = await recognised(Buffer.concat([page(0, 'rest of a song'), song]));
    expect(found).toMatchObject({ container: 'ogg', codec: 'opus', bytes: song.length });
  });

  test('one that does not is refused with the reason', async () => {
    const failure = await recognised(Buffer.concat([page(0, 'one'), page(0, 'two')])).catch(
      (thrown) => thrown,
    );
    expect(failure.message).toContain('starts in the middle of a stream');
  });

  test('a film keeps the pages of its pictures; pictures alone are not a recording', async () => {
    const film = Buffer.concat([page(2, '\x80theora'), page(2, '\x01vorbis'), page(0, 'more')]);
    const found = await recognised(film);
    expect(found).toMatchObject({ container: 'ogg', codec: 'vorbis', hasVideo: true, bytes: film.length });
    const silent = await recognised(page(2, '\x80theora')).catch((thrown) => thrown);
    expect(silent.message).toContain('is a video without an audio track');
  });
});

describe.skipIf(!areInstalled('ffmpeg', 'sox'))('real recordings without their first bytes', () => {
  const source = areInstalled('ffmpeg', 'sox') ? risingTone(directory) : '';
  const rows = [
    ['v.mp3', 'mp3', 'libmp3lame'],
    ['v.aac', 'adts', 'aac'],
    ['v.ac3', 'ac3', 'ac3'],
    ['v.eac3', 'eac3', 'eac3'],
    ['v.ts', 'mpegts', 'mp2'],
  ] as const;
  test.each(rows)('%s', async (name, container, codec) => {
    const path = join(directory, name);
    run(
      'ffmpeg',
      '-v',
      'error',
      '-y',
      '-i',
      source,
      '-ar',
      '48000',
      '-c:a',
      codec,
      ...(container === 'mp3' ? ['-write_xing', '0'] : []),
      path,
    );
    const content = readFileSync(path);
    for (const cut of [1, 7, 50, 101]) {
      const found = await recognised(content.subarray(cut));
      expect([cut, found.container]).toEqual([cut, container]);
      expect(statSync(found.path).size).toBeGreaterThan(content.length / 2);
    }
  });
});

test('the mark of a UTF-16 text is not the beginning of an MP3', async () => {
  const failure = await recognised(Buffer.from('\ufeffDear Sir or Madam, '.repeat(50), 'utf16le')).catch(
    (thrown) => thrown,
  );
  expect(failure.message).toContain('The file is a text file, not a recording');
});
