// Samples without a header: they are what the client says they are, as `s16le:16000:1` or as a media
// type, whose L16 is big endian (RFC 2586).
import { Failure } from '../../failure.ts';
import type { RawFormat } from '../transcriber.ts';
import type { Bytes } from './bytes.ts';
import { checkSound, type PcmLayout, pcmLayout } from './layout.ts';

const encodings = ['s16le', 's16be', 's8', 'u8', 's24le', 's32le', 'f32le', 'alaw', 'ulaw'] as const;
/** `audio/basic` is fixed at 8 kHz, one channel (RFC 2046); the others say their rate (RFC 3551). */
const mediaTypes: Record<string, RawFormat['encoding']> = {
  'audio/l16': 's16be',
  'audio/l8': 'u8',
  'audio/basic': 'ulaw',
  'audio/pcmu': 'ulaw',
  'audio/pcma': 'alaw',
};

export async function readRaw(bytes: Bytes, raw: RawFormat): Promise<PcmLayout> {
  return pcmLayout('declared', { ...raw, dataOffset: 0, dataBytes: bytes.size });
}

/** `s16le:16000:1` (one channel when left out) or `audio/L16;rate=16000;channels=1`; undefined for another media type. */
export function parseRawFormat(text: string, param = 'file'): RawFormat | undefined {
  const format = text.includes('/') ? ofMediaType(text) : ofWord(text, param);
  if (format !== undefined) checkSound('declared', format);
  return format;
}

function ofWord(text: string, param: string): RawFormat {
  const [word = '', rate = '', channels = '1', ...rest] = text.trim().toLowerCase().split(':');
  const encoding = encodings.find((one) => one === word);
  if (encoding === undefined || rest.length > 0 || !/^\d{1,7}$/.test(rate) || !/^\d{1,3}$/.test(channels)) {
    throw new Failure('invalid_request', 'The format of the raw samples is not understood.', {
      code: 'unsupported_value',
      param,
      advice: `Write it as ENCODING:RATE:CHANNELS, e.g. s16le:16000:1; encodings are ${encodings.join(', ')}.`,
    });
  }
  return { encoding, rate: Number(rate), channels: Number(channels) };
}

function ofMediaType(text: string): RawFormat | undefined {
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
