// The images of one or several turns as one answer (docs/wire/openai.md#image-fields).

import { Failure } from '../../../failure.ts';
import { isObject } from '../../../responses/fields.ts';
import { hasType, type OutputItem, type ResponsesResponse } from '../../../responses/response.ts';
import type { ImageLook, ImagesAnswer, ImageTranslation, ImageUsage } from './types.ts';

/** What a turn drew. */
interface Drawn {
  b64_json: string;
  revised_prompt?: string;
  look: ImageLook;
  usage: ImageUsage | undefined;
  created: number;
}

/** The answer in the order of the turns. */
export function imagesAnswer(responses: ResponsesResponse[], translation: ImageTranslation): ImagesAnswer {
  const all = responses.map((response) => drawnBy(response, translation));
  const [first] = all as [Drawn];
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

/** The image of a turn. Throws when it brought none. */
export function drawnBy(response: ResponsesResponse, { look }: Pick<ImageTranslation, 'look'>): Drawn {
  const items = response.output ?? [];
  const item = items.find(({ type }) => type === 'image_generation_call') as
    | Record<string, unknown>
    | undefined;
  if (item === undefined || typeof item.result !== 'string' || item.result === '') {
    throw notDrawn(response, items, item);
  }
  return {
    b64_json: item.result,
    ...(typeof item.revised_prompt === 'string' ? { revised_prompt: item.revised_prompt } : {}),
    look: lookOf(item, look),
    usage: imageUsage(response),
    created: Math.floor(response.created_at ?? 0),
  };
}

/** What an event or an item says of its image, and what was asked for where it says nothing. */
export function lookOf(said: Record<string, unknown>, asked: ImageLook): ImageLook {
  const pick = (key: keyof ImageLook) => (typeof said[key] === 'string' ? (said[key] as string) : asked[key]);
  return {
    background: pick('background'),
    output_format: pick('output_format'),
    quality: pick('quality'),
    size: pick('size'),
  };
}

/** In a whole answer `auto` is no value. */
function known(look: ImageLook): Partial<ImageLook> {
  return Object.fromEntries(Object.entries(look).filter(([, value]) => value !== 'auto'));
}

/** `usage` of the response counts what the calling model read and wrote. */
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

function notDrawn(
  response: ResponsesResponse,
  items: OutputItem[],
  item: Record<string, unknown> | undefined,
): Failure {
  const code = isObject(item?.error) && typeof item.error.code === 'string' ? item.error.code : undefined;
  const refused =
    response.incomplete_details?.reason === 'content_filter' ||
    items.some((one) => hasType(one, 'message') && one.content.some(({ type }) => type === 'refusal'));
  if (refused || (code !== undefined && policyCode.test(code))) {
    return new Failure('invalid_request', 'The upstream refused to draw this.', {
      code: 'moderation_blocked',
      param: 'prompt',
      advice: 'Change the prompt.',
    });
  }
  // Not a 5xx: Codex sends those again four times, and each turn is paid for.
  return new Failure('upstream_refused', 'The upstream answered without an image.', {
    status: 422,
    code: 'image_generation_failed',
    advice: 'Say in the prompt what to draw, or try again.',
  });
}
