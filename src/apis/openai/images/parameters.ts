// Checks the options of an image and translates them to those of the image tool (docs/wire/openai.md#image-fields,
// #image-edits).
import { type Fields, isObject, isSet, numberOf } from '../../../responses/fields.ts';
import type { Dropped } from '../../../responses/request.ts';
import { invalid, optionalString } from '../check.ts';

const defaultImageModel = 'gpt-image-2';

/** The tool's options; absent fields stay absent. */
interface ImageParameters {
  tool: Fields;
  dropped: Dropped[];
}

/** The tool's image model: the default one if the request names DALL·E, which is retired, or a chat model. */
export function imageModelOf(value: unknown): string {
  const model = (optionalString(value, 'model') || defaultImageModel).replace(/^openai\//, '');
  return /^(?:gpt-image-|chatgpt-image-)/.test(model) ? model : defaultImageModel;
}

/** The chat model, if an image request names one instead of an image model. */
export function chatModelOf(body: unknown): string | undefined {
  const model = isObject(body) ? optionalString(body.model, 'model') : undefined;
  return model && !/^(?:openai\/)?(?:gpt-image-|chatgpt-image-|dall-e)/.test(model) ? model : undefined;
}

export function imageParameters(body: Fields, model: string): ImageParameters {
  const dropped: Dropped[] = [];
  const tool: Fields = {
    size: sizeOf(body.size, model, dropped),
    quality: qualityOf(body.quality, dropped),
    background: word(body.background, 'background', ['auto', 'opaque', 'transparent']),
    output_format: word(body.output_format, 'output_format', ['png', 'jpeg', 'webp', 'gif', 'svg']),
    output_compression: integer(body.output_compression, 'output_compression', 0, 100),
    moderation: word(body.moderation, 'moderation', ['auto', 'low']),
  };
  checkCombinations(tool, model);
  for (const field of newestFields) if (isSet(body[field])) tool[field] = body[field];
  return {
    tool: Object.fromEntries(Object.entries(tool).filter(([, value]) => value !== undefined)),
    dropped,
  };
}

/** The API reference does not list their values yet, so the tool checks them. */
export const newestFields = ['complexity', 'frame_count', 'frame_duration_ms', 'svg'];

export function integer(value: unknown, param: string, min: number, max: number): number | undefined {
  if (!isSet(value)) return undefined;
  const count = numberOf(value) ?? Number.NaN;
  if (Number.isInteger(count) && count >= min && count <= max) return count;
  throw refused(param, `must be an integer from ${min} to ${max}`);
}

export function word(value: unknown, param: string, words: string[]): string | undefined {
  const given = optionalString(value, param);
  if (given === undefined || words.includes(given)) return given;
  throw refused(param, `must be one of \`${words.join('`, `')}\``);
}

function refused(param: string, why: string) {
  return invalid(param, `\`${param}\` ${why}.`, 'invalid_value');
}

/** Clients still send DALL·E's qualities by default; they are ignored. */
function qualityOf(value: unknown, dropped: Dropped[]): string | undefined {
  if (value !== 'standard' && value !== 'hd') {
    return word(value, 'quality', ['auto', 'low', 'medium', 'high', 'xhigh', 'max']);
  }
  dropped.push({ field: 'quality', why: `Only DALL·E supported the quality \`${value}\`.` });
  return 'auto';
}

const standardSizes = ['auto', '1024x1024', '1536x1024', '1024x1536'];
const minPixels = 655_360;
const maxPixels = 8_294_400;

/** Sizes of dall-e-2, smaller than all current ones. */
const dallE2Sizes = ['256x256', '512x512'];

function sizeOf(value: unknown, model: string, dropped: Dropped[]): string | undefined {
  const size = optionalString(value, 'size');
  if (size === undefined || standardSizes.includes(size)) return size;
  if (dallE2Sizes.includes(size)) {
    dropped.push({
      field: 'size',
      why: `Only dall-e-2 supported \`${size}\`; 1024x1024 is the smallest square.`,
    });
    return '1024x1024';
  }
  if (/^gpt-image-1(\D|$)/.test(model))
    throw refused('size', `must be one of \`${standardSizes.join('`, `')}\``);
  const [, width = 0, height = 0] = (/^(\d{1,5})x(\d{1,5})$/.exec(size) ?? []).map(Number);
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short === 0) throw refused('size', 'must be `auto` or WIDTHxHEIGHT');
  if (width % 16 !== 0 || height % 16 !== 0)
    throw refused('size', 'must have edges that are multiples of 16');
  if (long > 3840) throw refused('size', 'must not have an edge longer than 3840');
  if (long > 3 * short) throw refused('size', 'must have an aspect ratio of at most 3:1');
  if (width * height < minPixels || width * height > maxPixels) {
    throw refused('size', `must have ${minPixels} to ${maxPixels} pixels`);
  }
  return size;
}

function checkCombinations({ background, output_format, output_compression }: Fields, model: string): void {
  const format = output_format ?? 'png';
  if (background === 'transparent' && /^gpt-image-2(-\d|$)/.test(model)) {
    throw refused('background', `cannot be \`transparent\` with ${model}`);
  }
  if (background === 'transparent' && format === 'jpeg') {
    throw refused('background', 'cannot be `transparent` in a JPEG');
  }
  const compresses = format === 'jpeg' || format === 'webp';
  if (output_compression !== undefined && output_compression !== 100 && !compresses) {
    throw refused('output_compression', 'is supported only for `jpeg` and `webp`');
  }
}
