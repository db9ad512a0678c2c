// Recognising containers by their bytes (docs/wire/audio.md#recognition).
import { describe, expect, test } from 'bun:test';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recognise } from '../../../src/audio/reading/recognise.ts';
import { describeNonAudio, sniff, sniffFile } from '../../../src/audio/reading/sniff.ts';
import type { RawFormat } from '../../../src/audio/transcriber.ts';
import { Failure } from '../../../src/failure.ts';
import { ascii, fileOf, neverAborted, wav, workDirectory } from '../containers/support.ts';

const directory = workDirectory();
const latin = (text: string) => Uint8Array.from(ascii(text));
const ogg = (packet: string) => latin(`OggS${'\0'.repeat(24)}${packet}`);
const id3 = (length: number, footer = false) => {
  const size = [21, 14, 7, 0].map((shift) => (length >> shift) & 127);
  const tag = [...ascii('ID3\x04\0'), footer ? 0x10 : 0, ...size, ...new Array<number>(length).fill(0)];
  return footer ? [...tag, ...ascii('3DI\x04\0\x10'), ...size] : tag;
};
const flac = latin('fLaC\0\0\0\x22');
const adts = Uint8Array.of(0xff, 0xf1, 0x60, 0x40, 0, 0, 0);
const mp3 = Uint8Array.of(0xff, 0xfb, 0x90, 0x00);

describe('the table', () => {
  const rows: [what: string, head: Uint8Array, container: string, codec?: string][] = [
    ['SILK of Tencent', latin('\x02#!SILK_V3'), 'silk'],
    ['plain SILK', latin('#!SILK_V3\x10\0'), 'silk'],
    ['AMR', latin('#!AMR\n<'), 'amr', 'amr'],
    ['AMR-WB', latin('#!AMR-WB\n'), 'amr-wb', 'amr'],
    ['WAV', wav([]), 'wav'],
    ['big endian WAV', wav([], { mark: 'RIFX' }), 'wav'],
    ['RF64', wav([], { mark: 'RF64' }), 'wav'],
    ['BW64', wav([], { mark: 'BW64' }), 'wav'],
    ['AIFF', latin('FORM\0\0\0\0AIFF'), 'aiff'],
    ['AIFC', latin('FORM\0\0\0\0AIFC'), 'aiff'],
    ['CAF', latin('caff\0\x01\0\0'), 'caf'],
    ['FLAC', flac, 'flac', 'flac'],
    ['Ogg Opus', ogg('OpusHead'), 'ogg', 'opus'],
    ['Ogg Vorbis', ogg('\x01vorbis'), 'ogg', 'vorbis'],
    ['Ogg FLAC', ogg('\x7fFLAC'), 'ogg', 'flac'],
    ['Speex', ogg('Speex   '), 'ogg', 'speex'],
    ['Ogg of something', ogg('\x80theora'), 'ogg'],
    ['WebM', latin('\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm A_OPUS'), 'webm', 'opus'],
    ['Matroska', latin('\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska'), 'matroska'],
    ['M4A', latin('\0\0\0\x1cftypM4A '), 'mp4'],
    ['MP4', latin('\0\0\0\x1cftypisom'), 'mp4'],
    ['dash', latin('\0\0\0\x1cftypdash'), 'mp4'],
    ['3GP', latin('\0\0\0\x1cftyp3gp4'), '3gp'],
    ['3G2', latin('\0\0\0\x1cftyp3g2a'), '3gp'],
    ['QuickTime', latin('\0\0\0\x14ftypqt  '), 'mov'],
    ['old QuickTime', latin('\0\0\0\x08wide\0\0\0\0mdat'), 'mov'],
    ['AAC in ADTS', adts, 'adts', 'aac'],
    ['ADTS of MPEG-2 with a checksum', Uint8Array.of(0xff, 0xf8, 0x60, 0x40), 'adts', 'aac'],
    ['MP3', mp3, 'mp3', 'mp3'],
    ['MPEG-2.5', Uint8Array.of(0xff, 0xe3, 0x18, 0xc4), 'mp3', 'mp3'],
    ['ADIF', latin('ADIF'), 'adif', 'aac'],
    ['AU', latin('.snd\0\0\0\x18'), 'au'],
    ['Windows Media', latin('\x30\x26\xb2\x75\x8e\x66\xcf\x11'), 'asf'],
  ];
  for (const [what, head, container, codec] of rows) {
    test(what, () => {
      const found = sniff(head);
      expect<unknown[]>([found?.container, found?.codec]).toEqual([container, codec]);
    });
  }

  const nothing: [string, Uint8Array][] = [
    ['nothing', new Uint8Array()],
    ['a bit rate that does not exist', Uint8Array.of(0xff, 0xfb, 0xf0, 0)],
    ['a sample rate that does not exist', Uint8Array.of(0xff, 0xfb, 0x9c, 0)],
    ['RIFF of pictures', latin('RIFF\0\0\0\0WEBP')],
    ['a picture in boxes', latin('\0\0\0\x1cftypheic')],
    ['EBML of something', latin('\x1a\x45\xdf\xa3\x9f\x42\x82\x84blob')],
    ['text', latin('#EXTM3U\nfile:///etc/passwd')],
  ];
  test.each(nothing)('%s is nothing', (_, head) => expect(sniff(head)).toBeUndefined());
});

describe('tags in front', () => {
  const rows: [string, number[], string, number][] = [
    ['FLAC', [...id3(20), ...flac], 'flac', 30],
    ['AAC behind a tag with a footer', [...id3(20, true), ...adts], 'adts', 40],
    ['MP3 behind two tags', [...id3(7), ...id3(9), ...mp3], 'mp3', 36],
    ['nothing known, so MP3', [...id3(5), 1, 2, 3], 'mp3', 15],
    ['a tag longer than any head', [...id3(300_000), ...flac], 'flac', 300_010],
  ];
  test.each(rows)('%s', async (name, content, container, offset) => {
    const path = fileOf(directory, name.replaceAll(' ', '-'), Uint8Array.from(content));
    expect(await sniffFile(path)).toMatchObject({ container, offset });
  });

  test('a tag that says it is longer than the file ends with it', async () => {
    const path = fileOf(
      directory,
      'long-tag',
      Uint8Array.from([...ascii('ID3\x04\0\0'), 127, 127, 127, 127, 0]),
    );
    expect(await sniffFile(path)).toEqual({ container: 'mp3', offset: 11 });
  });
});

describe('what is no recording', () => {
  const rows: [string, string][] = [
    ['', 'an empty file'],
    ['<!doctype html>', 'an HTML or XML page'],
    ['\xef\xbb\xbf\n  <?xml', 'an HTML or XML page'],
    ['{"error":1}', 'JSON text'],
    ['%PDF-1.7', 'a PDF document'],
    ['PK\x03\x04', 'a ZIP archive'],
    ['#EXTM3U\n#EXT-X', 'a playlist'],
    ['\x89PNG\r\n\x1a\n', 'an image'],
    ['GIF89a', 'an image'],
    ['\xff\xd8\xff\xe0', 'an image'],
    ['RIFF\0\0\0\0WEBP', 'an image'],
    ['\0\0\0\x1cftypheic', 'an image'],
  ];
  test.each(rows)('%p is %s', async (text, name) => {
    expect(describeNonAudio(latin(text))).toBe(name);
    const path = fileOf(directory, 'other', latin(text));
    const failure = await recognise(path, { directory, signal: neverAborted }).catch((thrown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
    expect([failure.kind, failure.code, failure.param]).toEqual([
      'invalid_request',
      'unsupported_audio',
      'file',
    ]);
    expect(failure.message).toContain(name);
  });
});

describe('text around a recording', () => {
  const silk = Uint8Array.from([
    ...ascii('\x02#!SILK_V3'),
    ...Array.from({ length: 200_000 }, (_, at) => at & 255),
  ]);
  const base64 = Buffer.from(silk).toString('base64');
  const texts: [string, string][] = [
    ['a data URL', `data:audio/webm;base64,${base64}`],
    ['a data URL with blanks around it', ` \r\ndata:audio/silk; codecs=x ;base64,\n${base64}\n`],
    ['bare base64', base64],
    ['in lines', base64.replace(/.{76}/g, '$&\r\n')],
    [
      'of the other alphabet, without padding',
      base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
    ],
  ];
  test.each(texts)('%s', async (name, text) => {
    const own = join(directory, name.replaceAll(/\W/g, '-'));
    mkdirSync(own);
    const path = fileOf(directory, 'text', text);
    const recording = await recognise(path, { directory: own, signal: neverAborted });
    expect(recording.container).toBe('silk');
    expect(readFileSync(recording.path).equals(silk)).toBe(true);
  });

  test.each([1, 2, 3, 4])('whatever is left over of %p bytes at its end, padded or not', async (more) => {
    const content = Buffer.from(silk.subarray(0, 100_000 + more));
    for (const text of [content.toString('base64'), content.toString('base64url')]) {
      const own = join(directory, `rest-${more}-${text.length}`);
      mkdirSync(own, { recursive: true });
      const recording = await recognise(fileOf(directory, 'text', text), {
        directory: own,
        signal: neverAborted,
      });
      expect(readFileSync(recording.path).equals(content)).toBe(true);
    }
  });

  test('nobody waits for it any more', async () => {
    const signal = AbortSignal.abort(new Failure('cancelled', 'The client left.'));
    const path = fileOf(directory, 'text', base64);
    expect(recognise(path, { directory, signal })).rejects.toThrow('The client left.');
  });

  const others: [string, string][] = [
    ['base64 with something else at its end', `${base64}!`],
    ['a word', 'hello'],
    ['prose', 'This is a sentence, with a comma.'],
    ['base64 of text', Buffer.from('nothing but words and more words').toString('base64')],
    ['text twice around it', Buffer.from(`data:audio/silk;base64,${base64}`).toString('base64')],
    ['padding in the middle', `${base64.slice(0, 1000)}==${base64.slice(1000)}`],
    ['a data URL that is not base64', 'data:audio/wav,RIFF%00%00'],
  ];
  test.each(others)('%s is nothing', async (_, text) => {
    const path = fileOf(directory, 'text', text);
    const failure = await recognise(path, { directory, signal: neverAborted }).catch((thrown) => thrown);
    expect(failure).toMatchObject({ kind: 'invalid_request', code: 'unsupported_audio' });
  });
});

describe('what was declared', () => {
  const raw: RawFormat = { encoding: 's16le', rate: 16_000, channels: 1 };
  const rows: [string, Uint8Array, string][] = [
    ['wins where the bytes say nothing', Uint8Array.of(0, 1, 2, 3), 'raw'],
    ['wins over two bytes that look like a sync word', mp3, 'raw'],
    ['loses against a header', wav([0, 0]), 'wav'],
  ];
  test.each(rows)('%s', async (_, content, container) => {
    const path = fileOf(directory, 'declared', content);
    expect((await recognise(path, { directory, raw, signal: neverAborted })).container).toBe(
      container as never,
    );
  });
});

test('a recording behind a tag is handed on without it, an MP3 with it', async () => {
  const tagged = fileOf(directory, 'tagged', Uint8Array.from([...id3(20), ...flac]));
  const recording = await recognise(tagged, { directory, signal: neverAborted });
  expect(recording).toMatchObject({ container: 'flac', bytes: flac.length });
  expect(readFileSync(recording.path).equals(flac)).toBe(true);
  const music = fileOf(directory, 'music', Uint8Array.from([...id3(20), ...mp3]));
  expect(await recognise(music, { directory, signal: neverAborted })).toMatchObject({
    path: music,
    container: 'mp3',
  });
});
