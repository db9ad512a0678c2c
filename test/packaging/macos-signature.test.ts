import { expect, test } from 'bun:test';
import { countWrongPages, signAdHoc } from '../../scripts/packaging/macos-signature.ts';

const textSize = 3 * 4096 + 100;

/** The smallest Mach-O file that can be signed: __TEXT, and __LINKEDIT with only the old signature. */
function machO(): Buffer {
  const commands = Buffer.alloc(72 + 72 + 16);
  const segment = (at: number, name: string, offset: number, size: number) => {
    commands.writeUInt32LE(0x19, at);
    commands.writeUInt32LE(72, at + 4);
    commands.write(name, at + 8);
    commands.writeBigUInt64LE(BigInt(offset), at + 40);
    commands.writeBigUInt64LE(BigInt(size), at + 48);
  };
  segment(0, '__TEXT', 0, textSize);
  segment(72, '__LINKEDIT', textSize, 1000);
  commands.writeUInt32LE(0x1d, 144);
  commands.writeUInt32LE(16, 148);
  commands.writeUInt32LE(textSize, 152);
  commands.writeUInt32LE(1000, 156);
  const file = Buffer.alloc(textSize + 1000, 'code');
  file.writeUInt32LE(0xfeedfacf, 0);
  file.writeUInt32LE(3, 16);
  commands.copy(file, 32);
  return file;
}

test('every page is hashed, and a changed byte is noticed', () => {
  const signed = signAdHoc(machO());
  expect(countWrongPages(signed)).toBe(0);
  signed[2 * 4096] = 0;
  expect(countWrongPages(signed)).toBe(1);
});

test('the load commands describe the new signature, and nothing follows it', () => {
  const signed = signAdHoc(machO());
  const size = signed.readUInt32LE(32 + 156);
  expect(textSize + size).toBe(signed.length);
  expect(signed.readBigUInt64LE(32 + 72 + 48)).toBe(BigInt(size));
});

test('a file signed twice stays the same', () => {
  const once = signAdHoc(machO());
  expect(signAdHoc(Buffer.from(once)).equals(once)).toBe(true);
});

test('other files are refused', () => {
  expect(() => signAdHoc(Buffer.from('#!/bin/sh\n'.repeat(10)))).toThrow('Not a 64-bit Mach-O file');
});
