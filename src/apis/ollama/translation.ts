// Creates the translation of a request from the fields that chat and generate share (docs/wire/ollama.md#chat-request).
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
  thinkingOf,
  wantsStream,
  withJsonWord,
} from './options.ts';
import type { Clock, OllamaTranslation } from './types.ts';

/** What each endpoint reads itself. */
export interface EndpointParts {
  instructions: string;
  /** Empty for a request that only loads or unloads the model. */
  input: InputItem[];
  tools: Pick<ResponsesRequest, 'tools' | 'tool_choice'>;
  toolNames: ToolNames;
  /** The names of the fields it reads. */
  fields: string[];
}

const commonFields = ['model', 'stream', 'think', 'format', 'options', 'logprobs', 'top_logprobs'];
/** The upstream rejects input that exceeds the context window, whatever `truncate` says. */
const hints = new Set(['keep_alive', 'truncate', 'shift']);

export function translationOf(
  body: Fields,
  parts: EndpointParts,
  context: RequestContext,
  nowMs: Clock,
): OllamaTranslation {
  const { instructions, input, tools, toolNames, fields } = parts;
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
    stream: wantsStream(body),
    request,
    dropped: [...droppedOf(body, { supported: new Set([...commonFields, ...fields]), hints }), ...dropped],
    nowMs,
    startedAtMs: nowMs(),
    stop,
    showsThinking: shown,
    toolNames,
    ...(idle === undefined ? {} : { idle, ready: emptyResponse }),
  };
}

/** The response to a request that only loads or unloads the model. */
const emptyResponse: ResponsesResponse = { id: '', status: 'completed', output: [] };
