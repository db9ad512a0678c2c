// Checks the order of events in a stream of images, from its bytes alone (docs/wire/openai.md#image-events).
import type { ImageAction } from '../../../../src/apis/openai/images/types.ts';
import type { Json } from '../chat/order.ts';

const look = ['background', 'output_format', 'quality', 'size'];

/** The problems of a stream, one sentence each. */
export function imageOrderFaults(text: string, action: ImageAction): string[] {
  const frames = text.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'));
  const framed = frames.every((frame) => /^event: \S+\ndata: [^\n]+$/.test(frame));
  if (!framed) return ['every frame is a named event with one line of data'];
  const events = frames.map((frame) => JSON.parse(frame.slice(frame.indexOf('\ndata: ') + 7)) as Json);
  const prefix = action === 'edit' ? 'image_edit' : 'image_generation';
  const partials = events.filter(({ type }) => type === `${prefix}.partial_image`);
  const images = events.filter(({ type }) => type !== 'error');
  const last = events.at(-1)?.type;
  const rules: [string, boolean][] = [
    ['the last frame is whole', text.endsWith('\n\n')],
    [
      'an event is named as its data',
      events.every(({ type }, at) => frames[at]?.startsWith(`event: ${type}\n`)),
    ],
    ['the last event is the image or an error', last === `${prefix}.completed` || last === 'error'],
    ['what comes before are partial images', partials.length === events.length - 1],
    [
      'an image is a text that is not empty',
      images.every(({ b64_json }) => typeof b64_json === 'string' && b64_json !== ''),
    ],
    ['an image has its look', images.every((event) => look.every((key) => typeof event[key] === 'string'))],
    ['partial images are counted', partials.every((event, at) => event.partial_image_index === at)],
    [
      'one time, in whole seconds',
      new Set(images.map(({ created_at }) => created_at)).size <= 1 &&
        images.every(({ created_at }) => Number.isInteger(created_at)),
    ],
    [
      'an error is told',
      events.every(({ type, error }) => type !== 'error' || typeof error?.message === 'string'),
    ],
  ];
  return rules.filter(([, kept]) => !kept).map(([rule]) => rule);
}
