// Reads the images of an edit, as sent in multipart and JSON requests. Their type is detected from the first bytes, and they
// are refused if the API would refuse them (docs/wire/openai.md#image-edits).

import { imageType } from '../../../base/image-type.ts';
import { Failure } from '../../../failure.ts';
import { type Fields, isSet } from '../../../responses/fields.ts';
import type { InputImage } from '../../../responses/request.ts';
import { fields, invalid, optionalArray } from '../check.ts';

const maxImages = 16;
const imageLimitBytes = 50 * 1024 * 1024;
const maskLimitBytes = 4 * 1024 * 1024;

export interface Sources {
  images: InputImage[];
  /** A URL, as in `images`. */
  mask: string | undefined;
}

export function sourcesOf(body: Fields): Sources {
  const given = optionalArray(body.images, 'images') ?? [];
  if (given.length === 0) {
    throw invalid('image', 'An edit needs at least one `image`.', 'missing_required_parameter');
  }
  if (given.length > maxImages) throw refused('image', `can contain at most ${maxImages} images`);
  const images = given.map((image, index) => source(image, `images[${index}]`, imageLimitBytes));
  const mask = isSet(body.mask) ? source(body.mask, 'mask', maskLimitBytes) : undefined;
  if (mask !== undefined) checkMask(mask, images[0] as Source);
  return { images: images.map(({ url }) => ({ type: 'input_image', image_url: url })), mask: mask?.url };
}

interface Source {
  url: string;
  /** The first bytes of an inline image; absent if the upstream fetches the URL. */
  head?: Buffer;
}

function source(value: unknown, param: string, limitBytes: number): Source {
  const { image_url: url } = fields(value, param);
  if (typeof url !== 'string') {
    throw refused(`${param}.image_url`, 'must be a URL: codexd does not store files, so it has no file IDs');
  }
  if (/^https:\/\//.test(url)) return { url };
  const comma = url.indexOf(',');
  if (!/^data:[^,]*;base64$/.test(url.slice(0, comma))) {
    throw refused(`${param}.image_url`, 'must be an https URL or a base64 data URL');
  }
  const base64 = url.slice(comma + 1);
  if ((base64.length * 3) / 4 > limitBytes) {
    throw new Failure('too_large', `\`${param}\` is larger than ${limitBytes / 1024 / 1024} MiB.`, {
      code: 'payload_too_large',
      param,
    });
  }
  const head = Buffer.from(base64.slice(0, 64), 'base64');
  const type = imageType(head);
  if (type === undefined || type === 'image/gif') throw refused(param, 'is not a PNG, JPEG or WebP image');
  return { url: `data:${type};base64,${base64}`, head };
}

/** The transparent areas of the mask mark what to edit, so it must have the size of the image. */
function checkMask(mask: Source, image: Source): void {
  if (mask.head !== undefined && imageType(mask.head) !== 'image/png') throw refused('mask', 'must be a PNG');
  const [maskSize, imageSize] = [pngSize(mask.head), pngSize(image.head)];
  if (maskSize !== undefined && imageSize !== undefined && maskSize !== imageSize) {
    throw refused('mask', `must have the size of the first image, ${imageSize}, not ${maskSize}`);
  }
}

function pngSize(head: Buffer | undefined): string | undefined {
  if (head === undefined || head.length < 24 || imageType(head) !== 'image/png') return undefined;
  return `${head.readUInt32BE(16)}x${head.readUInt32BE(20)}`;
}

function refused(param: string, why: string) {
  return invalid(param, `\`${param}\` ${why}.`, 'invalid_value');
}
