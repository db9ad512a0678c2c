// The translator of /api/chat and /api/generate. They differ in how requests are read and in which fields contain the answer.
import type { RequestContext, Translator } from '../../responses/translator.ts';
import { ollamaFailure } from './errors.ts';
import { Lines, type Shape } from './lines.ts';
import { OllamaEncoder } from './stream.ts';
import type { Clock, OllamaTranslation } from './types.ts';
import { wholeAnswer } from './whole.ts';

export type ReadRequest = (body: unknown, context: RequestContext, nowMs: Clock) => OllamaTranslation;

export function ollamaTranslator(
  name: string,
  shape: Shape,
  read: ReadRequest,
  nowMs: Clock,
): Translator<OllamaTranslation> {
  return {
    name,
    contentType: 'application/x-ndjson',
    repeatsText: false,
    request: (body, context) => read(body, context, nowMs),
    stream: (translation, times, framing) =>
      new OllamaEncoder(new Lines(shape, translation, times, framing), translation),
    whole: (response, translation, times) => wholeAnswer(shape, response, translation, times),
    failure: ollamaFailure,
  };
}
