// A form of OpenAI's audio routes as a wish for the pipeline (https://platform.openai.com/docs/api-reference/audio). Every
// field is honoured, dropped by name, or refused with its name.
import { askedLanguage } from '../../../audio/languages.ts';
import type { Wish } from '../../../audio/transcriber.ts';
import type { Dropped } from '../../../responses/request.ts';
import { invalid } from '../check.ts';
import type { TranscriptionForm, TranscriptionFormat, TranscriptionTranslation } from './types.ts';

const formats: readonly TranscriptionFormat[] = ['json', 'text', 'srt', 'verbose_json', 'vtt'];
const granularities = ['word', 'segment'];
/** As bytes no more than a system takes as one argument of an engine. */
const promptLimit = 32_000;
const modelLimit = 256;

/** Throws a 400 that names the field at fault. */
export function transcriptionRequest(form: TranscriptionForm, task: Wish['task']): TranscriptionTranslation {
  const given = new Given(form.fields);
  checkFile(form, given);
  const format = formatOf(given);
  const stream = task === 'transcribe' && streamOf(given);
  if (stream && format !== 'json' && format !== 'text') {
    throw refused('response_format', `cannot be \`${format}\` with \`stream\``, 'unsupported_value');
  }
  const times = task === 'transcribe' && format === 'verbose_json' ? timesOf(given) : [];
  const approximate = task === 'transcribe' && isChunked(given);
  const shows = { segments: times.length === 0 || times.includes('segment'), words: times.includes('word') };
  const segments =
    format === 'srt' || format === 'vtt' || (approximate && shows.segments && format === 'verbose_json');
  const wish: Wish = {
    task,
    words: shows.words,
    segments,
    approximate,
    ...present({
      model: textOf(given, 'model', modelLimit),
      language: task === 'transcribe' ? languageOf(given) : undefined,
      prompt: textOf(given, 'prompt', promptLimit),
      temperature: temperatureOf(given),
      roughSegments: times.includes('segment') ? true : undefined,
    }),
  };
  return { wish, format, stream, shows, dropped: droppedOf(given, form, task, format) };
}

/** The fields of a form: the last of a name counts, lists take all, and brackets may be there or not. */
class Given {
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

  /** Undefined when absent or blank. */
  word(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)?.trim();
  }

  /** Repeated, with commas, or as a JSON list. */
  list(name: string): string[] {
    const values = this.#values.get(name) ?? [];
    return values.flatMap((value) => value.split(/[\s,[\]"']+/)).filter((word) => word !== '');
  }
}

function checkFile({ file, fields, extraFiles }: TranscriptionForm, given: Given): void {
  if (file === undefined) {
    const why = fields.some(([name]) => name === 'file')
      ? 'must be a file with a name, not text'
      : extraFiles.length > 0
        ? 'is missing: the file came under another name'
        : 'is required';
    throw refused('file', why, 'missing_required_parameter');
  }
  if (file.bytes === 0) throw refused('file', 'is empty');
  if (/(^|\/)gpt-4o-transcribe-diarize\b/.test(given.word('model') ?? '')) {
    throw refused('model', 'cannot be one that tells speakers apart', 'unsupported_value');
  }
}

function formatOf(given: Given): TranscriptionFormat {
  const asked = given.word('response_format') ?? 'json';
  const format = formats.find((one) => one === asked);
  if (format !== undefined) return format;
  const why = asked === 'diarized_json' ? ', as no engine tells speakers apart' : '';
  throw refused('response_format', `must be one of \`${formats.join('`, `')}\`${why}`, 'unsupported_value');
}

function streamOf(given: Given): boolean {
  const asked = given.word('stream')?.toLowerCase() ?? 'false';
  if (asked === 'true' || asked === '1') return true;
  if (asked === 'false' || asked === '0') return false;
  throw refused('stream', 'must be `true` or `false`');
}

function timesOf(given: Given): string[] {
  const asked = given.list('timestamp_granularities');
  const param = 'timestamp_granularities[]';
  if (asked.some((one) => !granularities.includes(one))) throw refused(param, 'must be `word` or `segment`');
  return asked;
}

/** Whoever lets the recording be cut takes the cuts for times. */
function isChunked(given: Given): boolean {
  const asked = given.word('chunking_strategy[type]') ?? given.word('chunking_strategy');
  if (asked === undefined || asked === 'null') return false;
  if (asked === 'auto' || asked === 'server_vad' || typeInside(asked) === 'server_vad') return true;
  throw refused('chunking_strategy', 'must be `auto` or an object whose `type` is `server_vad`');
}

function typeInside(json: string): unknown {
  try {
    return (JSON.parse(json) as { type?: unknown } | null)?.type;
  } catch {
    return undefined;
  }
}

/** A single candidate is as good as the language. `auto` is said on: else it would be the language of the settings. */
function languageOf(given: Given): string | undefined {
  const candidates = given.list('languages');
  const asked = given.word('language') ?? (candidates.length === 1 ? candidates[0] : undefined);
  return asked === undefined ? undefined : (askedLanguage(asked) ?? 'auto');
}

function temperatureOf(given: Given): number | undefined {
  const asked = given.word('temperature');
  if (asked === undefined) return undefined;
  const temperature = Number(asked);
  if (temperature >= 0 && temperature <= 1) return temperature;
  throw refused('temperature', 'must be a number from 0 to 1');
}

function textOf(given: Given, param: string, limit: number): string | undefined {
  const text = given.word(param);
  if (text === undefined) return undefined;
  if (text.length > limit) throw refused(param, `can have at most ${limit} characters`);
  if (text.includes('\0')) throw refused(param, 'must be text');
  return text;
}

const honoured: Record<Wish['task'], ReadonlySet<string>> = {
  transcribe: new Set([
    ...['file', 'model', 'language', 'prompt', 'response_format', 'temperature', 'timestamp_granularities'],
    ...['stream', 'chunking_strategy', 'chunking_strategy[type]'],
  ]),
  translate: new Set(['file', 'model', 'prompt', 'response_format', 'temperature']),
};
const ownPauses = 'Pauses are found by a rule of our own.';
const reasons = new Map([
  ['include', 'No engine gives log probabilities.'],
  ['keywords', 'No engine takes them; name them in `prompt`.'],
  ['languages', 'Engines take one language; send it as `language`.'],
  ['known_speaker_names', 'No engine tells speakers apart.'],
  ['known_speaker_references', 'No engine tells speakers apart.'],
  ['chunking_strategy[prefix_padding_ms]', ownPauses],
  ['chunking_strategy[silence_duration_ms]', ownPauses],
  ['chunking_strategy[threshold]', ownPauses],
]);

function droppedOf(
  given: Given,
  { extraFiles }: TranscriptionForm,
  task: Wish['task'],
  format: TranscriptionFormat,
): Dropped[] {
  const isHonoured = (name: string) =>
    honoured[task].has(name) ||
    (task === 'transcribe' && name === 'languages' && given.list('languages').length === 1);
  const fields = given.names
    .filter((name) => !isHonoured(name))
    .map((field) => ({ field, why: reasons.get(field) ?? unknownField(field, task) }));
  const granularities = 'timestamp_granularities';
  const hasNoUse =
    format !== 'verbose_json' && isHonoured(granularities) && given.names.includes(granularities);
  const unused: Dropped = { field: granularities, why: 'Only `verbose_json` lists times.', hint: true };
  return [
    ...fields,
    ...(hasNoUse ? [unused] : []),
    ...extraFiles.map((field) => ({ field, why: 'Only the part `file` is read.' })),
  ];
}

function unknownField(field: string, task: Wish['task']): string {
  return task === 'translate' && honoured.transcribe.has(field)
    ? 'Translations have no such field.'
    : 'codexd does not know this field.';
}

function present<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function refused(param: string, why: string, code: Parameters<typeof invalid>[2] = 'invalid_value') {
  return invalid(param, `\`${param}\` ${why}.`, code);
}
