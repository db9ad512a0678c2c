// whisper.cpp's `whisper-cli` (https://github.com/ggml-org/whisper.cpp/tree/master/examples/cli).

import { basename, join } from 'node:path';
import { isObject } from '../../base/object.ts';
import { unknownModel } from '../programs/failures.ts';
import type { Segment } from '../transcript.ts';
import { speechWav, whisperCapabilities } from './capabilities.ts';
import type { EngineResult } from './engine.ts';
import { decodeLatin1AsUtf8, readJson } from './json.ts';
import { findGgml, ggmlFile, listGgml } from './model-files.ts';
import type { ProgramKind, ProgramRun } from './program-kind.ts';
import { joinTokens, languageOf, numberOf, recordsOf, type Token, textOf } from './result.ts';

export const whisperCpp: ProgramKind = {
  kind: 'whisper-cpp',
  programs: ['whisper-cli'],
  models: ['tiny*', 'base*', 'small*', 'medium*', 'large*', 'ggml-*'],
  capabilities: whisperCapabilities,
  accepts: speechWav,
  probeArgs: ['--help'],
  missingRequirement: async ({ settings, modelDirs }) => {
    const where =
      modelDirs.length === 0 ? '`transcription.model_dirs` is empty' : `none in ${modelDirs.join(', ')}`;
    const isThere =
      settings.model === undefined
        ? (await listGgml(modelDirs)).length > 0
        : (await findGgml(settings.model, settings, modelDirs)) !== undefined;
    if (isThere) return undefined;
    const what =
      settings.model === undefined ? 'it has no model file' : `the model ${settings.model} was not found`;
    const fix = 'put a model such as ggml-base.bin into a directory of `transcription.model_dirs`';
    return { why: `${what}: ${where}`, fix };
  },
  available: ({ modelDirs }) => listGgml(modelDirs),
  has: async (model, { settings, modelDirs }) => (await findGgml(model, settings, modelDirs)) !== undefined,
  output: 'out.json',
  args: async ({ job, settings, modelDirs, input, extra }) => {
    const model = await findGgml(job.model, settings, modelDirs);
    if (model === undefined) {
      const advice = `Put ${ggmlFile(job.model)} into a directory of \`transcription.model_dirs\`.`;
      throw unknownModel(settings.id, job.model, advice);
    }
    // whisper-cli's default is English.
    const language = /\.en(?:[-.]|$)/.test(basename(model)) ? 'en' : (job.language ?? 'auto');
    return [
      ...['-m', model, '-f', input, '-of', join(job.directory, 'out'), '-np', '-l', language],
      job.words ? '-ojf' : '-oj',
      ...(settings.threads === undefined ? [] : ['-t', String(settings.threads)]),
      ...(job.task === 'translate' ? ['-tr'] : []),
      ...(job.temperature === undefined ? [] : ['-tp', String(job.temperature)]),
      ...promptArguments('--prompt', job.prompt),
      ...extra,
    ];
  },
  read: readWhisperCpp,
};

/** Whisper uses the last two hundred tokens of a prompt; a very long one would not fit into an argument. */
export function clipPrompt(prompt: string): string {
  return [...prompt.replaceAll('\0', '')].slice(-4000).join('');
}

function promptArguments(flag: string, prompt: string | undefined): string[] {
  return prompt === undefined || prompt === '' ? [] : [flag, clipPrompt(prompt)];
}

/** Read as bytes, because a token may end inside a UTF-8 character. */
function readWhisperCpp(output: Uint8Array, { job }: ProgramRun): EngineResult | undefined {
  const value = readJson(output, 'latin1');
  if (!isObject(value) || !Array.isArray(value.transcription)) return undefined;
  const parts = recordsOf(value.transcription);
  const language = isObject(value.result) ? languageOf(value.result.language) : undefined;
  return {
    ...(language === undefined ? {} : { language }),
    segments: parts.map(segment),
    ...(job.words ? { words: parts.flatMap((part) => joinTokens(tokensOf(part))) } : {}),
  };
}

function segment(part: Record<string, unknown>): Segment {
  const speaker = textOf(part.speaker);
  return {
    ...timesOf(part),
    text: decodeLatin1AsUtf8(textOf(part.text) ?? ''),
    ...(speaker === undefined ? {} : { speaker }),
  };
}

/** Converts milliseconds to seconds. */
function timesOf(part: Record<string, unknown>): { start: number; end: number } {
  const { from, to } = isObject(part.offsets) ? part.offsets : {};
  const start = (numberOf(from) ?? 0) / 1000;
  return { start, end: Math.max(start, (numberOf(to) ?? 0) / 1000) };
}

/** Skips special tokens (`[_BEG_]`, `[_TT_50]`), and merges tokens that share a UTF-8 character. */
function tokensOf(part: Record<string, unknown>): Token[] {
  const tokens: Token[] = [];
  let incomplete = '';
  for (const token of recordsOf(part.tokens)) {
    const bytes = incomplete + (textOf(token.text) ?? '');
    if (/^\[_\w+\]$|^<\|.*\|>$/.test(bytes)) continue;
    const { start, end } = timesOf(token);
    const first = incomplete === '' ? undefined : tokens.pop();
    const confidence = numberOf(token.p);
    tokens.push({
      text: decodeLatin1AsUtf8(bytes),
      start: first?.start ?? start,
      end,
      ...(confidence === undefined ? {} : { confidence }),
    });
    incomplete = endsInsideCharacter(bytes) ? bytes : '';
  }
  return tokens;
}

/** Whether the bytes end inside a UTF-8 sequence. */
function endsInsideCharacter(bytes: string): boolean {
  const tail = /[\xc2-\xf4][\x80-\xbf]{0,2}$/.exec(bytes)?.[0];
  if (tail === undefined) return false;
  const lead = tail.charCodeAt(0);
  return tail.length < (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2);
}
