// The arguments of `codexd transcribe`, validated before anything is opened. The other flags of codex-asr are settings:
// `--language`, `--endpoint`, `--proxy`, `--bearer`, the SILK decoder.
import { parseRawFormat } from '../../audio/containers/raw.ts';
import { parseLanguage } from '../../audio/languages.ts';
import type { TranscriptionRequest } from '../../audio/transcriber.ts';
import type { Config } from '../../config/schema.ts';
import { invalidValue, usageFailure } from '../arguments.ts';
import type { Arg, Call } from '../command.ts';

export const extensions = {
  text: 'txt',
  json: 'json',
  verbose_json: 'json',
  srt: 'srt',
  vtt: 'vtt',
} as const;
export type Format = keyof typeof extensions;
const formats = Object.keys(extensions) as Format[];

const maxJobs = 16;

export const args = {
  file: {
    type: 'positional',
    required: true,
    multiple: true,
    description: 'Recordings; - reads standard input.',
  },
  format: {
    type: 'enum',
    alias: 'f',
    options: formats,
    multiple: true,
    description: 'Output format (default text); several with --output-dir.',
  },
  'output-dir': {
    type: 'string',
    alias: 'o',
    valueHint: 'DIR',
    description: 'Write a file for each recording to this directory, and print its path.',
  },
  jobs: {
    type: 'string',
    alias: 'j',
    valueHint: 'N',
    description: `Recordings to transcribe concurrently, up to ${maxJobs} (default 1).`,
  },
  model: {
    type: 'string',
    alias: 'm',
    valueHint: 'MODEL',
    description: 'A speech model, or `engine:model`; `codexd models --engines` lists them.',
  },
  prompt: { type: 'string', description: 'Names and words that are likely to occur.' },
  temperature: { type: 'string', valueHint: '0..1', description: 'Sampling temperature.' },
  translate: { type: 'boolean', description: 'Translate into English, if the engine supports it.' },
  words: { type: 'boolean', description: 'Include word timestamps (verbose_json only).' },
  chunk: {
    type: 'boolean',
    description: 'Accept approximate timestamps (segment boundaries) if the engine gives none.',
  },
  pcm: {
    type: 'string',
    valueHint: 'ENCODING:HZ:CHANNELS',
    description: 'Format of recordings without a header, e.g. s16le:16000:1.',
  },
  'content-type': {
    type: 'string',
    valueHint: 'TYPE',
    description: 'Content type to report to ChatGPT (single recording only).',
  },
  filename: {
    type: 'string',
    valueHint: 'NAME',
    description: 'File name to report to ChatGPT (single recording only).',
  },
} as const satisfies Record<string, Arg>;

export interface Plan {
  inputs: readonly string[];
  /** Only one if there is no output directory. */
  formats: readonly Format[];
  outputDir: string | undefined;
  jobs: number;
  /** Print results as JSON lines. */
  json: boolean;
  request: TranscriptionRequest;
}

export function readPlan(call: Call<typeof args>, config: Config): Plan {
  const inputs = call.all('file');
  const formatsGiven = [...new Set(call.all('format') as Format[])];
  const outputDir = call.args['output-dir'];
  const plan: Plan = {
    inputs,
    formats: formatsGiven.length > 0 ? formatsGiven : [call.json ? 'json' : 'text'],
    outputDir,
    jobs: readNumber('jobs', call.args.jobs ?? '1', (n) => Number.isInteger(n) && n >= 1 && n <= maxJobs),
    json: call.json,
    request: readRequest(call, formatsGiven, config),
  };
  if (inputs.filter((input) => input === '-').length > 1) {
    throw usageFailure('Standard input can be read only once.', 'Use `-` only once.');
  }
  if (outputDir === undefined) checkPrinted(plan);
  else if (formatsGiven.includes('json') && formatsGiven.includes('verbose_json')) {
    throw usageFailure(
      'json and verbose_json would be the same file.',
      'Remove json: verbose_json contains the same text.',
    );
  }
  return plan;
}

/** Checks that the output on stdout is unambiguous for its reader. */
function checkPrinted({ inputs, formats, json }: Plan): void {
  const [format] = formats;
  const subtitles = format === 'srt' || format === 'vtt';
  if (formats.length > 1)
    throw usageFailure('Only one format can be printed.', 'Write files with --output-dir DIR.');
  if (subtitles && inputs.length > 1) {
    throw usageFailure(
      `The ${format} of several recordings cannot be printed.`,
      'Write files with --output-dir DIR.',
    );
  }
  if (json && (subtitles || format === 'text')) {
    throw usageFailure(
      `--json cannot print ${format}.`,
      'Remove one of the two, or write files with --output-dir DIR.',
    );
  }
}

function readRequest(
  call: Call<typeof args>,
  formatsGiven: readonly Format[],
  { transcription }: Config,
): TranscriptionRequest {
  const { model, prompt, temperature, translate, words, chunk, pcm, filename } = call.args;
  const contentType = call.args['content-type'];
  const { engine } = call.flags;
  const { language } = transcription;
  if (call.all('file').length > 1 && (filename ?? contentType) !== undefined) {
    const flag = filename === undefined ? '--content-type' : '--filename';
    throw usageFailure(
      `\`${flag}\` works with a single recording only.`,
      'Run the command for each recording.',
    );
  }
  if (words && !formatsGiven.includes('verbose_json')) {
    throw usageFailure('Only verbose_json contains word timestamps.', 'Add `--format verbose_json`.');
  }
  parseLanguage(language);
  const subtitles = formatsGiven.includes('srt') || formatsGiven.includes('vtt');
  const raw = pcm === undefined ? undefined : parseRawFormat(pcm, 'pcm');
  if (pcm !== undefined && raw === undefined) {
    throw invalidValue('--pcm', pcm, 'Write it like s16le:16000:1.');
  }
  return {
    task: translate ? 'translate' : 'transcribe',
    fromShell: true,
    words: words ?? false,
    ...(words && { wordsRequired: true as const }),
    // verbose_json contains segments if there are any, but does not require them.
    segments: subtitles || (chunk === true && formatsGiven.includes('verbose_json')),
    approximate: chunk ?? false,
    keepSilk: transcription.keepSilk,
    ...(model === undefined ? {} : { model }),
    ...(typeof engine === 'string' ? { engine } : {}),
    ...(language === undefined ? {} : { language }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(temperature === undefined
      ? {}
      : { temperature: readNumber('temperature', temperature, (n) => n >= 0 && n <= 1) }),
    ...(raw === undefined ? {} : { raw }),
    ...(filename === undefined ? {} : { filename }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

function readNumber(name: keyof typeof args, text: string, fits: (value: number) => boolean): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (fits(value)) return value;
  const { valueHint } = args[name] as { valueHint?: string };
  const range = valueHint === '0..1' ? '0 to 1' : `1 to ${maxJobs}`;
  throw invalidValue(`--${name}`, text, `Use a number from ${range}.`);
}
