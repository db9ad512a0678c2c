// From what a route read of a request to its translation: what chat and generate have in common (docs/wire/ollama.md#chat-request).
import type { Fields } from '../../responses/fields.ts';
import type { InputItem, ResponsesRequest } from '../../responses/request.ts';
import type { ResponsesResponse } from '../../responses/response.ts';
import type { RequestContext } from '../../responses/translator.ts';
import type { ToolNames } from '../tool-names.ts';
import { droppedOf, modelOf } from './check.ts';
import {
  checkKeepAlive,
  checkLogprobs,
  formatOf,
  idleOf,
  optionsOf,
  streams,
  thinkingOf,
  withJsonWord,
} from './options.ts';
import type { Clock, OllamaTranslation } from './types.ts';

/** What a route reads by itself. */
export interface Asked {
  instructions: string;
  /** Empty for a request that only wants the model to be there. */
  input: InputItem[];
  tools: Pick<ResponsesRequest, 'tools' | 'tool_choice'>;
  toolNames: ToolNames;
  /** The fields it read. */
  fields: string[];
}

const commonFields = ['model', 'stream', 'think', 'format', 'options', 'logprobs', 'top_logprobs'];
/** What does not fit the window is an error upstream, cut or not. */
const hints = new Set(['keep_alive', 'truncate', 'shift']);

export function translationOf(
  body: Fields,
  asked: Asked,
  context: RequestContext,
  nowMs: Clock,
): OllamaTranslation {
  const { instructions, input, tools, toolNames, fields } = asked;
  const model = modelOf(body);
  checkLogprobs(body);
  checkKeepAlive(body.keep_alive);
  const { stop, dropped } = optionsOf(body.options);
  const { reasoning, shown } = thinkingOf(body.think, context);
  const format = formatOf(body.format);
  const idle = input.length === 0 ? idleOf(body) : undefined;
  const request: ResponsesRequest = {
    model,
    ...(instructions === '' ? {} : { instructions }),
    input: withJsonWord(input, format),
    ...tools,
    ...(Object.keys(reasoning ?? {}).length === 0 ? {} : { reasoning }),
    ...(format === undefined ? {} : { text: { format } }),
  };
  return {
    model,
    stream: streams(body),
    request,
    dropped: [...droppedOf(body, { honoured: new Set([...commonFields, ...fields]), hints }), ...dropped],
    nowMs,
    startedAtMs: nowMs(),
    stop,
    showsThinking: shown,
    toolNames,
    ...(idle === undefined ? {} : { idle, ready: nothing }),
  };
}

/** The answer to a request that has nothing to answer. */
const nothing: ResponsesResponse = { id: '', status: 'completed', output: [] };
