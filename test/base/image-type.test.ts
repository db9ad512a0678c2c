import { expect, test } from 'bun:test';
import { imageType } from '../../src/base/image-type.ts';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

test.each([
  ['\x89PNG\r\n\x1a\n and more', 'image/png'],
  ['\xff\xd8\xff\xe0', 'image/jpeg'],
  ['GIF89a', 'image/gif'],
  ['RIFF\x10\x00\x00\x00WEBPVP8 ', 'image/webp'],
  ['RIFF\x10\x00\x00\x00WAVEfmt ', undefined],
  ['\x89PNG', undefined],
  ['%PDF-1.7', undefined],
  ['', undefined],
])('%j is %p', (head, type) => {
  expect(imageType(bytes(head))).toBe(type as never);
});

test('bytes inside a larger buffer are judged by themselves', () => {
  expect(imageType(bytes('xxGIF89a').subarray(2))).toBe('image/gif');
});
