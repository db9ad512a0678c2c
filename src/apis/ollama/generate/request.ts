// Translates a generate request to a Responses request (docs/wire/ollama.md#generate): the prompt becomes a user message.
import type { Fields } from '../../../responses/fields.ts';
import type { InputPart } from '../../../responses/request.ts';
import type { RequestContext } from '../../../responses/translator.ts';
import { ToolNames } from '../../tool-names.ts';
import { fieldsAt, flagAt, invalid, listAt, modelOf, textAt } from '../check.ts';
import { imagesAt } from '../images.ts';
import { translationOf } from '../translation.ts';
import type { Clock, OllamaTranslation } from '../types.ts';

export function translateGenerateRequest(
  given: unknown,
  context: RequestContext,
  nowMs: Clock,
): OllamaTranslation {
  const body = fieldsAt(given, 'the body');
  checkRefused(body);
  const content = promptParts(body);
  const parts = {
    instructions: textAt(body.system, 'system'),
    input: content.length === 0 ? [] : [{ type: 'message', role: 'user' as const, content }],
    tools: {},
    toolNames: new ToolNames(),
    // A raw prompt is sent like any other, since there is no template to skip.
    fields: ['prompt', 'system', 'images', 'raw', 'suffix'],
  };
  return translationOf(body, parts, context, nowMs);
}

/** The upstream's models cannot fill in the middle; they would chat instead (docs/wire/ollama.md#suffix). */
function checkRefused(body: Fields): void {
  if (textAt(body.suffix, 'suffix') !== '') {
    throw invalid('suffix', `${modelOf(body)} does not support insert`);
  }
  const shaped =
    [body.template, body.system].some((text) => text !== undefined && text !== null && text !== '') ||
    listAt(body.context, 'context').length > 0;
  if (flagAt(body.raw, 'raw') === true && shaped) {
    throw invalid('raw', 'raw mode does not support template, system, or context');
  }
}

function promptParts(body: Fields): InputPart[] {
  const text = textAt(body.prompt, 'prompt');
  const images = imagesAt(body.images, 'images');
  return [...(text === '' ? [] : [{ type: 'input_text' as const, text }]), ...images];
}
