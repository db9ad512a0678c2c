// The options of an image, checked as docs/wire/openai.md#image-fields, #image-edits say, and in the image tool's own words.
import { type Fields, isObject, isSet, numberOf } from '../../../responses/fields.ts';
import type { Dropped } from '../../../responses/request.ts';
import { invalid, optionalString } from '../check.ts';

const defaultImageModel = 'gpt-image-2';

/** What goes to the tool; a field that is absent stays so. */
interface ImageParameters {
  tool: Fields;
  dropped: Dropped[];
}

/** The image model of the tool. DALL·E is retired, and a chat model draws with the default one. */
export function imageModelOf(value: unknown): string {
  const model = (optionalString(value, 'model') || defaultImageModel).replace(/^openai\//, '');
  return /^(?:gpt-image-|chatgpt-image-)/.test(model) ? model : defaultImageModel;
}

/** The name of a chat model in an image request, where it names one instead of an image model. */
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
    output_compression: wholeNumber(body.output_compression, 'output_compression', 0, 100),
    moderation: word(body.moderation, 'moderation', ['auto', 'low']),
  };
  checkTogether(tool, model);
  for (const field of newestFields) if (isSet(body[field])) tool[field] = body[field];
  return {
    tool: Object.fromEntries(Object.entries(tool).filter(([, value]) => value !== undefined)),
    dropped,
  };
}

/** Not in the reference's table of values yet: the tool judges them. */
export const newestFields = ['complexity', 'frame_count', 'frame_duration_ms', 'svg'];

export function wholeNumber(value: unknown, param: string, least: number, most: number): number | undefined {
  if (!isSet(value)) return undefined;
  const count = numberOf(value) ?? Number.NaN;
  if (Number.isInteger(count) && count >= least && count <= most) return count;
  throw refused(param, `must be an integer from ${least} to ${most}`);
}

export function word(value: unknown, param: string, words: string[]): string | undefined {
  const given = optionalString(value, param);
  if (given === undefined || words.includes(given)) return given;
  throw refused(param, `must be one of \`${words.join('`, `')}\``);
}

function refused(param: string, why: string) {
  return invalid(param, `\`${param}\` ${why}.`, 'invalid_value');
}

/** DALL·E's words, which clients still send by default, say nothing here. */
function qualityOf(value: unknown, dropped: Dropped[]): string | undefined {
  if (value !== 'standard' && value !== 'hd') {
    return word(value, 'quality', ['auto', 'low', 'medium', 'high', 'xhigh', 'max']);
  }
  dropped.push({ field: 'quality', why: `\`${value}\` was a quality of DALL·E.` });
  return 'auto';
}

const usualSizes = ['auto', '1024x1024', '1536x1024', '1024x1536'];
const fewestPixels = 655_360;
const mostPixels = 8_294_400;

/** Sizes of dall-e-2, smaller than any of today. */
const formerSizes = ['256x256', '512x512'];

function sizeOf(value: unknown, model: string, dropped: Dropped[]): string | undefined {
  const size = optionalString(value, 'size');
  if (size === undefined || usualSizes.includes(size)) return size;
  if (formerSizes.includes(size)) {
    dropped.push({
      field: 'size',
      why: `\`${size}\` was a size of dall-e-2; 1024x1024 is the smallest square.`,
    });
    return '1024x1024';
  }
  if (/^gpt-image-1(\D|$)/.test(model))
    throw refused('size', `must be one of \`${usualSizes.join('`, `')}\``);
  const [, width = 0, height = 0] = (/^(\d{1,5})x(\d{1,5})$/.exec(size) ?? []).map(Number);
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short === 0) throw refused('size', 'must be `auto` or WIDTHxHEIGHT');
  if (width % 16 !== 0 || height % 16 !== 0)
    throw refused('size', 'must have edges that are multiples of 16');
  if (long > 3840) throw refused('size', 'must have no edge above 3840');
  if (long > 3 * short) throw refused('size', 'must not be longer than three times its width');
  if (width * height < fewestPixels || width * height > mostPixels) {
    throw refused('size', `must have from ${fewestPixels} to ${mostPixels} pixels`);
  }
  return size;
}

function checkTogether({ background, output_format, output_compression }: Fields, model: string): void {
  const format = output_format ?? 'png';
  if (background === 'transparent' && /^gpt-image-2(-\d|$)/.test(model)) {
    throw refused('background', `cannot be \`transparent\` with ${model}`);
  }
  if (background === 'transparent' && format === 'jpeg') {
    throw refused('background', 'cannot be `transparent` in a JPEG');
  }
  const compresses = format === 'jpeg' || format === 'webp';
  if (output_compression !== undefined && output_compression !== 100 && !compresses) {
    throw refused('output_compression', 'is for `jpeg` and `webp` only');
  }
}
