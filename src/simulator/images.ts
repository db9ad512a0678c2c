// POST codex/images/generations and codex/images/edits (docs/wire/upstream.md#image-endpoints).
import { type Fields, isObject } from '../base/object.ts';
import { pngFor } from './png.ts';
import { invalid, missing } from './refusal.ts';
import { imageLook } from './reply.ts';
import { imageUsage } from './response.ts';

export function generateImages(body: unknown, nowMs: number): Fields {
  const params = checked(body);
  return answer(params, String(params.prompt), nowMs);
}

export function editImages(body: unknown, nowMs: number): Fields {
  const params = checked(body);
  const images = Array.isArray(params.images) ? params.images : [];
  if (images.length === 0) throw missing('images');
  if (images.length > 5) throw invalid('At most 5 images can be edited.', 'images', 'array_above_max_length');
  for (const [i, image] of images.entries()) {
    if (!isObject(image) || typeof image.image_url !== 'string') throw missing(`images[${i}].image_url`);
  }
  return answer(params, `${params.prompt} ${JSON.stringify(images)}`, nowMs);
}

function checked(body: unknown): Fields {
  const params = isObject(body) ? body : {};
  if (typeof params.prompt !== 'string') throw missing('prompt');
  if (params.model === undefined) throw missing('model');
  return params;
}

function answer(params: Fields, seed: string, nowMs: number): Fields {
  const count = Number(params.n ?? 1);
  return {
    created: Math.floor(nowMs / 1000),
    data: Array.from({ length: count }, (_, i) => ({ b64_json: pngFor(i === 0 ? seed : `${i} ${seed}`) })),
    ...imageLook(params),
    usage: imageUsage(1056 * count),
  };
}
