// Reads images, which are bare base64 (docs/wire/ollama.md#messages). The type is detected from the first bytes, even if a data
// URL declares another (docs/wire/ollama.md#images).
import { imageType } from '../../base/image-type.ts';
import type { InputImage } from '../../responses/request.ts';
import { invalid, listAt } from './check.ts';

export function imagesAt(value: unknown, path: string): InputImage[] {
  return listAt(value, path).map((each, index) => imageOf(each, `${path}[${index}]`));
}

export function imageOf(value: unknown, path: string): InputImage {
  if (typeof value !== 'string') throw invalid(path, `${path} must be a base64 string`);
  const base64 = value.replace(/^data:[^,]*,/, '').replace(/\s+/g, '');
  const mime = imageType(Buffer.from(base64.slice(0, 24), 'base64'));
  if (mime === undefined) throw invalid(path, `${path} is not a PNG, JPEG, GIF or WebP image in base64`);
  return { type: 'input_image', image_url: `data:${mime};base64,${base64}` };
}
