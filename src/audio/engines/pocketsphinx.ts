// PocketSphinx: either the old program (Debian 12) or the new one. It transcribes English with its bundled model, unless
// `args` names others.

import { basename } from 'node:path';
import { isObject } from '../../base/object.ts';
import { unknownModel } from '../programs/failures.ts';
import type { Segment, Word } from '../transcript.ts';
import { speechWav, textOnly } from './capabilities.ts';
import type { EngineResult } from './engine.ts';
import { readJson } from './json.ts';
import type { ProgramKind } from './program-kind.ts';
import { numberOf, recordsOf, textOf } from './result.ts';

const onlyModel = 'en-us';

export const pocketsphinx: ProgramKind = {
  kind: 'pocketsphinx',
  programs: ['pocketsphinx_continuous', 'pocketsphinx'],
  models: ['pocketsphinx', onlyModel],
  defaultModel: onlyModel,
  capabilities: { ...textOnly, segments: true, words: true },
  // It would read any other format as samples and transcribe noise.
  accepts: speechWav,
  // Both print their usage, with different exit codes.
  probeArgs: ['--help'],
  args: ({ job, settings, context, program, input, extra }) => {
    if (job.model !== settings.model && job.model !== 'pocketsphinx') {
      throw unknownModel(settings.id, job.model, `Its only model is \`${settings.model}\`.`);
    }
    const nullDevice = context.platform === 'win32' ? 'NUL' : '/dev/null';
    return isOld(program)
      ? ['-infile', input, '-logfn', nullDevice, '-time', 'yes', ...extra]
      : ['-loglevel', 'ERROR', ...extra, 'live', input];
  },
  // Empty output means silence with exit code 0, and a failure with any other.
  read: (output, { program }, { exitCode }) => {
    const text = Buffer.from(output).toString('utf8');
    const utterances = isOld(program) ? oldUtterances(text) : newUtterances(text);
    if (utterances.length === 0 && exitCode !== 0) return undefined;
    return resultOf(utterances);
  },
  available: async ({ settings }) => [settings.model ?? onlyModel],
};

function isOld(program: string): boolean {
  return basename(program).includes('continuous');
}

/** Each utterance is a line of text, then one line per word: `country(2) 1.100 1.520 0.998`. */
function oldUtterances(text: string): Word[][] {
  const utterances: Word[][] = [];
  for (const line of text.split('\n')) {
    const [, word, start, end, confidence] = /^(\S+) ([\d.]+) ([\d.]+) ([\d.eE+-]+)$/.exec(line.trim()) ?? [];
    if (word === undefined) utterances.push([]);
    else utterances.at(-1)?.push(...wordOf(word, Number(start), Number(end), Number(confidence)));
  }
  return utterances.filter((words) => words.length > 0);
}

/** One line of JSON per utterance, with begin `b` and duration `d`. */
function newUtterances(text: string): Word[][] {
  return text.split('\n').flatMap((line) => {
    const value = line.startsWith('{') ? readJson(Buffer.from(line)) : undefined;
    if (!isObject(value)) return [];
    const words = recordsOf(value.w).flatMap((part) => {
      const start = numberOf(part.b) ?? 0;
      return wordOf(textOf(part.t) ?? '', start, start + (numberOf(part.d) ?? 0), numberOf(part.p));
    });
    return words.length === 0 ? [] : [words];
  });
}

/** Empty for `<s>`, `<sil>`, `[NOISE]` and the like. The number of a pronunciation variant is removed. */
function wordOf(text: string, start: number, end: number, confidence: number | undefined): Word[] {
  const word = text.replace(/\(\d+\)$/, '');
  if (word === '' || /^[<[+].*[>\]+]$/.test(word)) return [];
  // The old program's probabilities slightly exceed 1.
  return [{ start, end, word, ...(confidence === undefined ? {} : { confidence: Math.min(confidence, 1) }) }];
}

function resultOf(utterances: Word[][]): EngineResult {
  const segments: Segment[] = utterances.map((words) => ({
    start: words[0]!.start,
    end: words.at(-1)!.end,
    text: words.map(({ word }) => word).join(' '),
  }));
  return {
    text: segments.map(({ text }) => text).join(' '),
    language: 'en',
    segments,
    words: utterances.flat(),
  };
}
