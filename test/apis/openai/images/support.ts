// Helpers for the tests of images, which use the turns of the chat tests; most contain no image.
import { openaiImages } from '../../../../src/apis/openai/images/index.ts';
import { translateImageRequest } from '../../../../src/apis/openai/images/request.ts';
import type { ImageAction, ImageTranslation } from '../../../../src/apis/openai/images/types.ts';
import { imagesAnswer } from '../../../../src/apis/openai/images/whole.ts';
import { Failure } from '../../../../src/failure.ts';
import { pngFor } from '../../../../src/simulator/png.ts';
import type { Turn } from '../chat/support.ts';

const source = { images: [{ image_url: `data:image/png;base64,${pngFor('source')}` }] };

export function translate(body: object = {}, action: ImageAction = 'generate'): ImageTranslation {
  const images = action === 'edit' ? source : {};
  return translateImageRequest({ prompt: 'A kite', ...images, ...body }, action, 'gpt-5.5');
}

export function streamOf(turn: Turn, body: object = {}, action: ImageAction = 'generate'): string {
  const encoder = openaiImages.stream(translate({ stream: true, ...body }, action));
  let text = '';
  const failure = failureOf(() => {
    for (const event of turn.events) text += encoder.push(event);
  });
  const ended = turn.failure ?? failure;
  return ended === undefined ? text : text + encoder.fail(ended);
}

/** The response, or the failure instead. */
export function wholeOf(turn: Turn): unknown {
  const { response } = turn;
  if (response === undefined) throw new Error('the turn failed');
  let answer: unknown;
  const failure = failureOf(() => {
    answer = imagesAnswer([response], translate());
  });
  return failure === undefined ? answer : openaiImages.failure(failure).body;
}

export function failureOf(work: () => unknown): Failure | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
}
