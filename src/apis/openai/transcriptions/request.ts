// Translates a form of OpenAI's audio routes (https://platform.openai.com/docs/api-reference/audio) into a request to the
// pipeline. Every field is used, reported as ignored, or refused by name.
import { parseLanguage } from '../../../audio/languages.ts';
import type { TranscriptionRequest } from '../../../audio/transcriber.ts';
import type { Dropped } from '../../../responses/request.ts';
import { invalid } from '../check.ts';
import type { TranscriptionForm, TranscriptionFormat, TranscriptionTranslation } from './types.ts';

const formats: readonly TranscriptionFormat[] = ['json', 'text', 'srt', 'verbose_json', 'vtt'];
const granularities = ['word', 'segment'];
/** Characters. Even as UTF-8 this fits into one argument of an engine's command line. */
const promptLimit = 32_000;
const modelLimit = 256;

/** Throws an `invalid_request` Failure that names the field. */
export function transcriptionRequest(
  parts: TranscriptionForm,
  task: TranscriptionRequest['task'],
): TranscriptionTranslation {
  const form = new FormFields(parts.fields);
  checkFile(parts, form);
  const format = formatOf(form);
  const stream = task === 'transcribe' && streamOf(form);
  if (stream && format !== 'json' && format !== 'text') {
    throw refused('response_format', `cannot be \`${format}\` with \`stream\``, 'unsupported_value');
  }
  const times = task === 'transcribe' && format === 'verbose_json' ? timesOf(form) : [];
  const approximate = task === 'transcribe' && isChunked(form);
  const shows = { segments: times.length === 0 || times.includes('segment'), words: times.includes('word') };
  const segments =
    format === 'srt' || format === 'vtt' || (approximate && shows.segments && format === 'verbose_json');
  const request: TranscriptionRequest = {
    task,
    words: shows.words,
    segments,
    approximate,
    ...present({
      model: textOf(form, 'model', modelLimit),
      language: task === 'transcribe' ? languageOf(form) : undefined,
      prompt: textOf(form, 'prompt', promptLimit),
      temperature: temperatureOf(form),
      boundarySegments: times.includes('segment') ? true : undefined,
    }),
  };
  return { request, format, stream, shows, dropped: droppedOf(form, parts, task, format) };
}

/** The fields of a form. The last value of a name counts, lists collect all, and `[]` after a name is optional. */
class FormFields {
  readonly #values = new Map<string, string[]>();

  constructor(fields: TranscriptionForm['fields']) {
    for (const [name, value] of fields) {
      if (value.trim() === '') continue;
      const bare = name.replace(/\[\d*\]$/, '');
      this.#values.set(bare, [...(this.#values.get(bare) ?? []), value]);
    }
  }

  get names(): string[] {
    return [...this.#values.keys()];
  }

  /** Undefined if absent or blank. */
  word(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)?.trim();
  }

  /** All values: repeated fields, separated by commas, or a JSON list. */
  list(name: string): string[] {
    const values = this.#values.get(name) ?? [];
    return values.flatMap((value) => value.split(/[\s,[\]"']+/)).filter((word) => word !== '');
  }
}

function checkFile({ file, fields, extraFiles }: TranscriptionForm, form: FormFields): void {
  if (file === undefined) {
    const problem = fields.some(([name]) => name === 'file')
      ? 'must be a file with a name, not text'
      : extraFiles.length > 0
        ? 'is missing; the file was sent under another name'
        : 'is required';
    throw refused('file', problem, 'missing_required_parameter');
  }
  if (file.bytes === 0) throw refused('file', 'is empty');
  if (/(^|\/)gpt-4o-transcribe-diarize\b/.test(form.word('model') ?? '')) {
    throw refused('model', 'cannot be a diarization model', 'unsupported_value');
  }
}

function formatOf(form: FormFields): TranscriptionFormat {
  const value = form.word('response_format') ?? 'json';
  const format = formats.find((one) => one === value);
  if (format !== undefined) return format;
  const problem = value === 'diarized_json' ? ', since no engine supports diarization' : '';
  throw refused(
    'response_format',
    `must be one of \`${formats.join('`, `')}\`${problem}`,
    'unsupported_value',
  );
}

function streamOf(form: FormFields): boolean {
  const value = form.word('stream')?.toLowerCase() ?? 'false';
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw refused('stream', 'must be `true` or `false`');
}

function timesOf(form: FormFields): string[] {
  const values = form.list('timestamp_granularities');
  const param = 'timestamp_granularities[]';
  if (values.some((one) => !granularities.includes(one))) throw refused(param, 'must be `word` or `segment`');
  return values;
}

/** Clients that let the server split the recording accept segment boundaries as timestamps. */
function isChunked(form: FormFields): boolean {
  const value = form.word('chunking_strategy[type]') ?? form.word('chunking_strategy');
  if (value === undefined || value === 'null') return false;
  if (value === 'auto' || value === 'server_vad' || typeInside(value) === 'server_vad') return true;
  throw refused('chunking_strategy', 'must be `auto` or an object whose `type` is `server_vad`');
}

function typeInside(json: string): unknown {
  try {
    return (JSON.parse(json) as { type?: unknown } | null)?.type;
  } catch {
    return undefined;
  }
}

/** A single entry of `languages` counts as `language`. `auto` is passed on, so that it overrides the configured language. */
function languageOf(form: FormFields): string | undefined {
  const candidates = form.list('languages');
  const value = form.word('language') ?? (candidates.length === 1 ? candidates[0] : undefined);
  return value === undefined ? undefined : (parseLanguage(value) ?? 'auto');
}

function temperatureOf(form: FormFields): number | undefined {
  const value = form.word('temperature');
  if (value === undefined) return undefined;
  const temperature = Number(value);
  if (temperature >= 0 && temperature <= 1) return temperature;
  throw refused('temperature', 'must be a number from 0 to 1');
}

function textOf(form: FormFields, param: string, limit: number): string | undefined {
  const text = form.word(param);
  if (text === undefined) return undefined;
  if (text.length > limit) throw refused(param, `can have at most ${limit} characters`);
  if (text.includes('\0')) throw refused(param, 'must be text');
  return text;
}

const supported: Record<TranscriptionRequest['task'], ReadonlySet<string>> = {
  transcribe: new Set([
    ...['file', 'model', 'language', 'prompt', 'response_format', 'temperature', 'timestamp_granularities'],
    ...['stream', 'chunking_strategy', 'chunking_strategy[type]'],
  ]),
  translate: new Set(['file', 'model', 'prompt', 'response_format', 'temperature']),
};
const fixedPauseDetection = 'Pause detection cannot be configured.';
const reasons = new Map([
  ['include', 'No engine returns log probabilities.'],
  ['keywords', 'No engine supports keywords; name them in `prompt`.'],
  ['languages', 'Engines accept a single language; send it as `language`.'],
  ['known_speaker_names', 'No engine supports diarization.'],
  ['known_speaker_references', 'No engine supports diarization.'],
  ['chunking_strategy[prefix_padding_ms]', fixedPauseDetection],
  ['chunking_strategy[silence_duration_ms]', fixedPauseDetection],
  ['chunking_strategy[threshold]', fixedPauseDetection],
]);

function droppedOf(
  form: FormFields,
  { extraFiles }: TranscriptionForm,
  task: TranscriptionRequest['task'],
  format: TranscriptionFormat,
): Dropped[] {
  const isSupported = (name: string) =>
    supported[task].has(name) ||
    (task === 'transcribe' && name === 'languages' && form.list('languages').length === 1);
  const fields = form.names
    .filter((name) => !isSupported(name))
    .map((field) => ({ field, why: reasons.get(field) ?? unknownField(field, task) }));
  const granularities = 'timestamp_granularities';
  const hasNoUse =
    format !== 'verbose_json' && isSupported(granularities) && form.names.includes(granularities);
  const unused: Dropped = {
    field: granularities,
    why: 'Only `verbose_json` contains timestamps.',
    hint: true,
  };
  return [
    ...fields,
    ...(hasNoUse ? [unused] : []),
    ...extraFiles.map((field) => ({ field, why: 'Only the part `file` is read.' })),
  ];
}

function unknownField(field: string, task: TranscriptionRequest['task']): string {
  return task === 'translate' && supported.transcribe.has(field)
    ? 'Translations do not support this field.'
    : 'codexd does not support this field.';
}

function present<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function refused(param: string, problem: string, code: Parameters<typeof invalid>[2] = 'invalid_value') {
  return invalid(param, `\`${param}\` ${problem}.`, code);
}
