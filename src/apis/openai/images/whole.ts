// The images of one or more turns as one response (docs/wire/openai.md#image-fields).

import { Failure } from '../../../failure.ts';
import { isObject } from '../../../responses/fields.ts';
import { hasType, type OutputItem, type ResponsesResponse } from '../../../responses/response.ts';
import type { ImageProperties, ImagesAnswer, ImageTranslation, ImageUsage } from './types.ts';

/** The image of a turn. */
interface GeneratedImage {
  b64_json: string;
  revised_prompt?: string;
  look: ImageProperties;
  usage: ImageUsage | undefined;
  created: number;
}

/** The response, with images in the order of the turns. */
export function imagesAnswer(responses: ResponsesResponse[], translation: ImageTranslation): ImagesAnswer {
  const all = responses.map((response) => imageFromResponse(response, translation));
  const [first] = all as [GeneratedImage];
  const usages = all.flatMap(({ usage }) => usage ?? []);
  return {
    created: first.created,
    ...known(first.look),
    data: all.map(({ b64_json, revised_prompt }) => ({
      b64_json,
      ...(revised_prompt === undefined ? {} : { revised_prompt }),
    })),
    ...(usages.length === 0 ? {} : { usage: usages.reduce(added) }),
  };
}

/** The image of a turn. Throws if there is none. */
export function imageFromResponse(
  response: ResponsesResponse,
  { look }: Pick<ImageTranslation, 'look'>,
): GeneratedImage {
  const items = response.output ?? [];
  const item = items.find(({ type }) => type === 'image_generation_call') as
    | Record<string, unknown>
    | undefined;
  if (item === undefined || typeof item.result !== 'string' || item.result === '') {
    throw noImageFailure(response, items, item);
  }
  return {
    b64_json: item.result,
    ...(typeof item.revised_prompt === 'string' ? { revised_prompt: item.revised_prompt } : {}),
    look: imagePropertiesOf(item, look),
    usage: imageUsage(response),
    created: Math.floor(response.created_at ?? 0),
  };
}

/** The image's properties from an event or item; the requested ones if it has none. */
export function imagePropertiesOf(
  reported: Record<string, unknown>,
  requested: ImageProperties,
): ImageProperties {
  const pick = (key: keyof ImageProperties) =>
    typeof reported[key] === 'string' ? (reported[key] as string) : requested[key];
  return {
    background: pick('background'),
    output_format: pick('output_format'),
    quality: pick('quality'),
    size: pick('size'),
  };
}

/** A whole response omits `auto` values. */
function known(look: ImageProperties): Partial<ImageProperties> {
  return Object.fromEntries(Object.entries(look).filter(([, value]) => value !== 'auto'));
}

/** `usage` of the response counts the calling model's tokens, not the image's. */
function imageUsage({ tool_usage: usage }: ResponsesResponse): ImageUsage | undefined {
  const counts = isObject(usage) ? usage.image_gen : undefined;
  return isObject(counts) && typeof counts.total_tokens === 'number'
    ? (counts as unknown as ImageUsage)
    : undefined;
}

function added(one: ImageUsage, other: ImageUsage): ImageUsage {
  return sum({ ...one }, { ...other }) as unknown as ImageUsage;
}

function sum(one: Record<string, unknown>, other: Record<string, unknown>): Record<string, unknown> {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...keys].map((key) => {
      const [a, b] = [one[key], other[key]];
      if (isObject(a) && isObject(b)) return [key, sum(a, b)];
      return [key, typeof a === 'number' && typeof b === 'number' ? a + b : (a ?? b)];
    }),
  );
}

const policyCode = /moderation|content_policy|content_filter|safety/;

function noImageFailure(
  response: ResponsesResponse,
  items: OutputItem[],
  item: Record<string, unknown> | undefined,
): Failure {
  const code = isObject(item?.error) && typeof item.error.code === 'string' ? item.error.code : undefined;
  const refused =
    response.incomplete_details?.reason === 'content_filter' ||
    items.some((one) => hasType(one, 'message') && one.content.some(({ type }) => type === 'refusal'));
  if (refused || (code !== undefined && policyCode.test(code))) {
    return new Failure('invalid_request', 'The upstream refused to generate this image.', {
      code: 'moderation_blocked',
      param: 'prompt',
      advice: 'Change the prompt.',
    });
  }
  // Not a 5xx: Codex would retry four times, and each turn costs quota.
  return new Failure('upstream_refused', 'The upstream did not return an image.', {
    status: 422,
    code: 'image_generation_failed',
    advice: 'Describe the image in the prompt, or try again.',
  });
}
