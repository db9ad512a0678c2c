// The tables of docs/apis: what each endpoint does with each field of its vendor's reference. Each field is
// given to the translator with one value, so the tables show what codexd does. test/house/docs.test.ts compares the pages with them.

import { withAdvice } from '../src/apis/advice.ts';
import { anthropicMessages } from '../src/apis/anthropic/messages/index.ts';
import type { Api } from '../src/apis/api.ts';
import { ollamaChat } from '../src/apis/ollama/chat/index.ts';
import { ollamaGenerate } from '../src/apis/ollama/generate/index.ts';
import { openaiChat } from '../src/apis/openai/chat/index.ts';
import { openaiCompletions } from '../src/apis/openai/completions/index.ts';
import { openaiImages } from '../src/apis/openai/images/index.ts';
import { translateImageRequest } from '../src/apis/openai/images/request.ts';
import { openaiResponses } from '../src/apis/openai/responses/index.ts';
import { transcriptionRequest } from '../src/apis/openai/transcriptions/request.ts';
import { Failure, type FailureKind, failureKinds } from '../src/failure.ts';
import type { Fields } from '../src/responses/fields.ts';
import type { Dropped } from '../src/responses/request.ts';
import { nothingEarlier, type Translator } from '../src/responses/translator.ts';
import { endpointTable } from './endpoint-table.ts';

const context = {
  headers: new Headers(),
  reasoningStyle: 'reasoning_content',
  reasoningSummary: 'auto',
  earlier: nothingEarlier,
} as const;

interface FieldProbe {
  /** What a request has at least. */
  body: Fields;
  /** A value for each field that is not a default. `a.b` is a field of a field. */
  fields: Fields;
  dropped(body: Fields): Dropped[];
}

function turn(translator: Translator, body: Fields, fields: Fields): FieldProbe {
  return { body, fields, dropped: (full) => translator.request(full, context).dropped };
}

const sampling = { temperature: 0.5, top_p: 0.5, presence_penalty: 1, frequency_penalty: 1, seed: 7 };
const messages = [{ role: 'user', content: 'Hello!' }];
const functionTool = { name: 'look', description: 'Looks.', parameters: { type: 'object' } };
const schema = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
};

const probes: Record<string, FieldProbe> = {
  'openai-chat': turn(
    openaiChat,
    { model: 'm', messages },
    {
      ...sampling,
      audio: { voice: 'alloy', format: 'wav' },
      function_call: 'auto',
      functions: [functionTool],
      logit_bias: { '50256': -100 },
      logprobs: true,
      max_completion_tokens: 100,
      max_tokens: 100,
      metadata: { a: 'b' },
      modalities: ['text', 'audio'],
      n: 2,
      parallel_tool_calls: false,
      prediction: { type: 'content', content: 'a' },
      previous_response_id: 'resp_1',
      prompt_cache_key: 'a',
      prompt_cache_retention: '24h',
      reasoning_effort: 'high',
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema } },
      safety_identifier: 'a',
      service_tier: 'priority',
      stop: ['\n'],
      store: true,
      stream: true,
      'stream_options.include_usage': true,
      tool_choice: 'required',
      tools: [{ type: 'function', function: functionTool }],
      top_logprobs: 2,
      user: 'a',
      verbosity: 'low',
      web_search_options: {},
    },
  ),
  'openai-completions': turn(
    openaiCompletions,
    { model: 'm', prompt: 'Once' },
    {
      ...sampling,
      best_of: 2,
      echo: true,
      logit_bias: { '50256': -100 },
      logprobs: 2,
      max_tokens: 100,
      n: 2,
      stop: ['\n'],
      stream: true,
      'stream_options.include_usage': true,
      suffix: 'end',
      user: 'a',
    },
  ),
  'openai-responses': turn(
    openaiResponses,
    { model: 'm', input: 'Hello!' },
    {
      temperature: 0.5,
      top_p: 0.5,
      background: true,
      conversation: 'conv_1',
      include: ['reasoning.encrypted_content'],
      instructions: 'Be brief.',
      max_output_tokens: 100,
      max_tool_calls: 3,
      metadata: { a: 'b' },
      parallel_tool_calls: false,
      previous_response_id: 'resp_1',
      prompt: { id: 'pmpt_1' },
      prompt_cache_key: 'a',
      prompt_cache_retention: '24h',
      reasoning: { effort: 'high', summary: 'auto' },
      safety_identifier: 'a',
      service_tier: 'priority',
      store: true,
      stream: true,
      text: { format: { type: 'json_schema', name: 'a', schema }, verbosity: 'low' },
      tool_choice: 'required',
      tools: [{ type: 'function', ...functionTool }],
      top_logprobs: 2,
      truncation: 'auto',
      user: 'a',
    },
  ),
  'openai-images': turn(
    { ...openaiImages, request: (body: unknown) => translateImageRequest(body, 'generate', 'm') },
    { prompt: 'A kite.', output_format: 'jpeg', stream: true },
    {
      background: 'opaque',
      model: 'gpt-image-1',
      moderation: 'low',
      n: 2,
      output_compression: 50,
      output_format: 'webp',
      partial_images: 2,
      quality: 'high',
      response_format: 'url',
      size: '1024x1024',
      stream: true,
      style: 'vivid',
      user: 'a',
    },
  ),
  'openai-transcriptions': {
    body: { response_format: 'verbose_json' },
    fields: {
      chunking_strategy: 'auto',
      include: 'logprobs',
      known_speaker_names: 'Ann',
      language: 'en',
      model: 'whisper-1',
      prompt: 'Names: Ann.',
      response_format: 'srt',
      temperature: '0.2',
      timestamp_granularities: 'word',
    },
    dropped: (fields) =>
      transcriptionRequest(
        { fields: Object.entries(fields) as [string, string][], file: { bytes: 9 }, extraFiles: [] },
        'transcribe',
      ).dropped,
  },
  'anthropic-messages': turn(
    anthropicMessages,
    { model: 'm', max_tokens: 9, messages },
    {
      temperature: 0.5,
      top_p: 0.5,
      top_k: 5,
      cache_control: { type: 'ephemeral' },
      container: 'container_1',
      context_management: { edits: [] },
      mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'a' }],
      metadata: { user_id: 'a' },
      output_config: { effort: 'high' },
      service_tier: 'standard_only',
      speed: 'fast',
      stop_sequences: ['END'],
      stream: true,
      system: 'Be brief.',
      thinking: { type: 'enabled', budget_tokens: 1024 },
      tool_choice: { type: 'any' },
      tools: [{ name: 'look', input_schema: { type: 'object' } }],
    },
  ),
  'ollama-chat': turn(
    ollamaChat,
    { model: 'm', messages },
    {
      format: schema,
      keep_alive: '5m',
      logprobs: true,
      ...ollamaOptions(),
      stream: false,
      think: 'high',
      tools: [{ type: 'function', function: functionTool }],
    },
  ),
  'ollama-generate': turn(
    ollamaGenerate,
    { model: 'm', prompt: 'Hello!' },
    {
      context: [1, 2],
      format: 'json',
      keep_alive: '5m',
      logprobs: true,
      ...ollamaOptions(),
      raw: true,
      stream: false,
      suffix: 'end',
      system: 'Be brief.',
      template: '{{ .Prompt }}',
      think: true,
    },
  ),
};

function ollamaOptions(): Fields {
  const options = {
    temperature: 0.5,
    top_k: 5,
    top_p: 0.5,
    min_p: 0.1,
    seed: 7,
    num_predict: 100,
    num_ctx: 8192,
    stop: ['\n'],
  };
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [`options.${name}`, value]));
}

type Fate = { kind: 'supported' } | { kind: 'ignored' | 'hint' | 'refused'; why: string };

function fateOf({ body, dropped }: FieldProbe, field: string, value: unknown): Fate {
  const [head = '', inner] = field.split('.');
  const given = inner === undefined ? { [head]: value } : { [head]: { [inner]: value } };
  const also = head === 'stream_options' ? { stream: true } : head === 'tool_choice' ? toolsFor(body) : {};
  try {
    const found = dropped({ ...body, ...also, ...given }).find(
      (one) => one.field === field || one.field === head,
    );
    if (found === undefined) return { kind: 'supported' };
    return { kind: found.hint ? 'hint' : 'ignored', why: found.why };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { kind: 'refused', why: withAdvice(thrown) };
  }
}

function toolsFor(body: Fields): Fields {
  if ('max_tokens' in body) return { tools: [{ name: 'look', input_schema: { type: 'object' } }] };
  const tool = { type: 'function', ...functionTool };
  return { tools: ['input' in body ? tool : { type: 'function', function: functionTool }] };
}

const effects = { ignored: 'ignored', hint: 'ignored, also in strict mode', refused: 'refused' };

function fieldTable(probe: FieldProbe): string {
  const fates = Object.entries(probe.fields).map(([field, value]) => ({
    field: `\`${field}\``,
    fate: fateOf(probe, field, value),
  }));
  const supported = fates.filter(({ fate }) => fate.kind === 'supported').map(({ field }) => field);
  const rest = fates.flatMap(({ field, fate }) => (fate.kind === 'supported' ? [] : [{ field, ...fate }]));
  const rows = Object.values(Object.groupBy(rest, ({ kind, why }) => `${kind} ${why}`)).map((alike) => {
    const { kind, why } = alike![0]!;
    return `| ${alike!.map(({ field }) => field).join(', ')} | ${effects[kind]} | ${why.replaceAll('|', '\\|')} |`;
  });
  return [
    `Supported: ${supported.join(', ')}.`,
    '',
    '| field | codexd | why |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function kindTable(apis: readonly Api[]): string {
  const vendors = apis.filter(({ name }) => name !== 'codexd');
  const row = (kind: FailureKind) => {
    const failure = new Failure(kind, 'It failed.');
    const { exitCode, retry } = failure;
    const statuses = vendors.map((api) => api.failure(failure, { planWindows: [] }).status);
    return `| [\`${kind}\`](#${kind}) | ${statuses.join(' | ')} | ${exitCode} | ${retry ? 'yes' : 'no'} |`;
  };
  return [
    `| kind | ${vendors.map(({ name }) => titles[name] ?? name).join(' | ')} | exit status | retry |`,
    `| --- |${' --- |'.repeat(vendors.length + 2)}`,
    ...failureKinds.map(row),
  ].join('\n');
}

const titles: Record<string, string> = { openai: 'OpenAI', anthropic: 'Anthropic', ollama: 'Ollama' };

/** By the marker of the place in a page. */
export function apiTables(apis: readonly Api[]): Record<string, string> {
  return {
    ...Object.fromEntries(apis.map((api) => [`endpoints of ${api.name}`, endpointTable([api])])),
    ...Object.fromEntries(
      Object.entries(probes).map(([name, probe]) => [`fields of ${name}`, fieldTable(probe)]),
    ),
    'kinds of failure': kindTable(apis),
  };
}
