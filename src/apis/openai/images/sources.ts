// The images of an edit: what multipart and JSON requests bring, recognised by their first bytes and refused here when the
// API would (docs/wire/openai.md#image-edits).

import { imageType } from '../../../base/image-type.ts';
import { Failure } from '../../../failure.ts';
import { type Fields, isSet } from '../../../responses/fields.ts';
import type { InputImage } from '../../../responses/request.ts';
import { fields, invalid, optionalArray } from '../check.ts';

const mostImages = 16;
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
  if (given.length > mostImages) throw refused('image', `can hold at most ${mostImages} images`);
  const images = given.map((image, index) => source(image, `images[${index}]`, imageLimitBytes));
  const mask = isSet(body.mask) ? source(body.mask, 'mask', maskLimitBytes) : undefined;
  if (mask !== undefined) checkMask(mask, images[0] as Source);
  return { images: images.map(({ url }) => ({ type: 'input_image', image_url: url })), mask: mask?.url };
}

interface Source {
  url: string;
  /** The beginning of an image that was sent along; absent for one that the upstream fetches. */
  head?: Buffer;
}

function source(value: unknown, param: string, limitBytes: number): Source {
  const { image_url: url } = fields(value, param);
  if (typeof url !== 'string') {
    throw refused(`${param}.image_url`, 'must be a URL: codexd keeps no files, so there are no file ids');
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

/** Where the mask is transparent, the image is edited: both must lie on each other. */
function checkMask(mask: Source, image: Source): void {
  if (mask.head !== undefined && imageType(mask.head) !== 'image/png') throw refused('mask', 'must be a PNG');
  const [of, on] = [pngSize(mask.head), pngSize(image.head)];
  if (of !== undefined && on !== undefined && of !== on) {
    throw refused('mask', `must have the size of the first image, ${on}, not ${of}`);
  }
}

function pngSize(head: Buffer | undefined): string | undefined {
  if (head === undefined || head.length < 24 || imageType(head) !== 'image/png') return undefined;
  return `${head.readUInt32BE(16)}x${head.readUInt32BE(20)}`;
}

function refused(param: string, why: string) {
  return invalid(param, `\`${param}\` ${why}.`, 'invalid_value');
}
