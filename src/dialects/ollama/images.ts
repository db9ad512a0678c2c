// Images come as bare base64 (reference/ollama-api.md 4.2): what they are is read from their first bytes, whatever a
// data URL says of them (trap 39).
import type { InputImage } from '../../responses/request.ts';
import { invalid, listAt } from './check.ts';

/** How the bytes begin, read as Latin-1; `at` is where. */
const magic: [mime: string, bytes: string, at: number][] = [
  ['image/png', '\x89PNG\r\n', 0],
  ['image/jpeg', '\xff\xd8\xff', 0],
  ['image/gif', 'GIF8', 0],
  ['image/webp', 'WEBP', 8],
];

export function imagesAt(value: unknown, path: string): InputImage[] {
  return listAt(value, path).map((each, index) => imageOf(each, `${path}[${index}]`));
}

export function imageOf(value: unknown, path: string): InputImage {
  if (typeof value !== 'string') throw invalid(path, `${path} must be a base64 text`);
  const base64 = value.replace(/^data:[^,]*,/, '').replace(/\s+/g, '');
  const start = Buffer.from(base64.slice(0, 24), 'base64').toString('latin1');
  const mime = magic.find(([, bytes, at]) => start.startsWith(bytes, at))?.[0];
  if (mime === undefined) throw invalid(path, `${path} is no PNG, JPEG, GIF or WebP image in base64`);
  return { type: 'input_image', image_url: `data:${mime};base64,${base64}` };
}
