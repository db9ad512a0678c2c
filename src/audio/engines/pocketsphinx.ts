// PocketSphinx: the old program of Debian 12 and the new one, whichever is installed. Its language is
// English, its model the one it comes with, unless `args` names others.

import { basename } from 'node:path';
import { unknownModel } from '../programs/complaint.ts';
import type { Segment, Word } from '../transcript.ts';
import { speechWav, textOnly } from './capabilities.ts';
import type { Heard } from './engine.ts';
import { isRecord, numberOf, recordsOf, textOf } from './heard.ts';
import { readJson } from './json.ts';
import type { ProgramKind } from './program-kind.ts';

const onlyModel = 'en-us';

export const pocketsphinx: ProgramKind = {
  kind: 'pocketsphinx',
  programs: ['pocketsphinx_continuous', 'pocketsphinx'],
  models: ['pocketsphinx', onlyModel],
  defaultModel: onlyModel,
  capabilities: { ...textOnly, segments: true, words: true },
  // Anything else is taken for samples, and heard as noise.
  reads: speechWav,
  // Both print their usage, whatever their exit code.
  probeArgs: ['--help'],
  args: ({ job, settings, surroundings, program, input, extra }) => {
    if (job.model !== settings.model && job.model !== 'pocketsphinx') {
      throw unknownModel(settings.id, job.model, `Its one model is \`${settings.model}\`.`);
    }
    const nowhere = surroundings.platform === 'win32' ? 'NUL' : '/dev/null';
    return isOld(program)
      ? ['-infile', input, '-logfn', nowhere, '-time', 'yes', ...extra]
      : ['-loglevel', 'ERROR', ...extra, 'live', input];
  },
  // Silence is an empty output with exit code 0; a file it could not read, one with another.
  read: (output, { program }, { exitCode }) => {
    const text = Buffer.from(output).toString('utf8');
    const utterances = isOld(program) ? oldUtterances(text) : newUtterances(text);
    if (utterances.length === 0 && exitCode !== 0) return undefined;
    return heardOf(utterances);
  },
  available: async ({ settings }) => [settings.model ?? onlyModel],
};

function isOld(program: string): boolean {
  return basename(program).includes('continuous');
}

/** A line of text, then one line per word: `country(2) 1.100 1.520 0.998`. */
function oldUtterances(text: string): Word[][] {
  const utterances: Word[][] = [];
  for (const line of text.split('\n')) {
    const [, word, start, end, confidence] = /^(\S+) ([\d.]+) ([\d.]+) ([\d.eE+-]+)$/.exec(line.trim()) ?? [];
    if (word === undefined) utterances.push([]);
    else utterances.at(-1)?.push(...wordOf(word, Number(start), Number(end), Number(confidence)));
  }
  return utterances.filter((words) => words.length > 0);
}

/** One line of JSON per utterance, `b` and `d` for begin and duration. */
function newUtterances(text: string): Word[][] {
  return text.split('\n').flatMap((line) => {
    const value = line.startsWith('{') ? readJson(Buffer.from(line)) : undefined;
    if (!isRecord(value)) return [];
    const words = recordsOf(value.w).flatMap((part) => {
      const start = numberOf(part.b) ?? 0;
      return wordOf(textOf(part.t) ?? '', start, start + (numberOf(part.d) ?? 0), numberOf(part.p));
    });
    return words.length === 0 ? [] : [words];
  });
}

/** None for `<s>`, `<sil>`, `[NOISE]` and the like; the pronunciation in brackets is no part of the word. */
function wordOf(text: string, start: number, end: number, confidence: number | undefined): Word[] {
  const word = text.replace(/\(\d+\)$/, '');
  if (word === '' || /^[<[+].*[>\]+]$/.test(word)) return [];
  // The old program's probabilities go a little beyond 1.
  return [{ start, end, word, ...(confidence === undefined ? {} : { confidence: Math.min(confidence, 1) }) }];
}

function heardOf(utterances: Word[][]): Heard {
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
