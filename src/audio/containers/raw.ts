// Samples without a header, in the format the client declares: `s16le:16000:1`, or a media type, whose L16 is big endian
// (RFC 2586).
import { Failure } from '../../failure.ts';
import type { RawFormat } from '../transcriber.ts';
import type { ByteSource } from './byte-source.ts';
import { checkSound, type PcmLayout, pcmLayout } from './layout.ts';

const encodings = ['s16le', 's16be', 's8', 'u8', 's24le', 's32le', 'f32le', 'alaw', 'ulaw'] as const;
/** `audio/basic` is always 8 kHz mono (RFC 2046); the others have a rate parameter (RFC 3551). */
const mediaTypes: Record<string, RawFormat['encoding']> = {
  'audio/l16': 's16be',
  'audio/l8': 'u8',
  'audio/basic': 'ulaw',
  'audio/pcmu': 'ulaw',
  'audio/pcma': 'alaw',
};

export async function readRaw(bytes: ByteSource, raw: RawFormat): Promise<PcmLayout> {
  return pcmLayout('declared', { ...raw, dataOffset: 0, dataBytes: bytes.size });
}

/** Reads `s16le:16000:1` (mono by default) or `audio/L16;rate=16000;channels=1`; undefined for other media types. */
export function parseRawFormat(text: string, param = 'file'): RawFormat | undefined {
  const format = text.includes('/') ? parseMediaType(text) : parseCompact(text, param);
  if (format !== undefined) checkSound('declared', format);
  return format;
}

function parseCompact(text: string, param: string): RawFormat {
  const [word = '', rate = '', channels = '1', ...rest] = text.trim().toLowerCase().split(':');
  const encoding = encodings.find((one) => one === word);
  if (encoding === undefined || rest.length > 0 || !/^\d{1,7}$/.test(rate) || !/^\d{1,3}$/.test(channels)) {
    throw new Failure('invalid_request', 'Invalid format of raw samples.', {
      code: 'unsupported_value',
      param,
      advice: `Write it as ENCODING:RATE:CHANNELS, e.g. s16le:16000:1; encodings are ${encodings.join(', ')}.`,
    });
  }
  return { encoding, rate: Number(rate), channels: Number(channels) };
}

function parseMediaType(text: string): RawFormat | undefined {
  const [type = '', ...parameters] = text.toLowerCase().split(';');
  const encoding = mediaTypes[type.trim()];
  if (encoding === undefined) return undefined;
  const values = new Map(
    parameters.map((parameter) => {
      const [name = '', value = ''] = parameter.split('=');
      return [name.trim(), Number(value.trim().replace(/^"(.*)"$/, '$1'))];
    }),
  );
  const fixed = type.trim() === 'audio/l16' ? undefined : 8000;
  const rate = values.get('rate') ?? fixed;
  if (rate === undefined) return undefined;
  return { encoding, rate, channels: values.get('channels') ?? 1 };
}
