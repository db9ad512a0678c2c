// sherpa-onnx's `sherpa-onnx-offline`: the model is a handful of files, so `args` says which.

import { unknownModel } from '../programs/complaint.ts';
import type { Word } from '../transcript.ts';
import { textOnly } from './capabilities.ts';
import type { Heard } from './engine.ts';
import { isRecord, joinTokens, languageOf, numberOf, textOf } from './heard.ts';
import { readJson } from './json.ts';
import type { ProgramKind } from './program-kind.ts';

export const sherpaOnnx: ProgramKind = {
  kind: 'sherpa-onnx',
  programs: ['sherpa-onnx-offline'],
  models: ['sherpa-onnx'],
  defaultModel: 'sherpa-onnx',
  capabilities: { ...textOnly, words: true },
  reads: { containers: new Set(['wav']), wavRate: 16_000 },
  probeArgs: ['--help'],
  lacks: async ({ settings }) =>
    settings.args !== undefined
      ? undefined
      : {
          why: 'its model is not set',
          fix: 'give its table `args`, such as ["--tokens=/m/tokens.txt", "--paraformer=/m/model.onnx"]',
        },
  args: ({ job, settings, input, extra }) => {
    if (job.model !== settings.model) {
      throw unknownModel(settings.id, job.model, `Its one model is \`${settings.model}\`.`);
    }
    return [
      ...(settings.threads === undefined ? [] : [`--num-threads=${settings.threads}`]),
      ...extra,
      input,
    ];
  },
  // Older releases print the answer among the log lines.
  read: (output, _, { stderr }) => lastAnswer(Buffer.from(output).toString('latin1')) ?? lastAnswer(stderr),
  available: async ({ settings }) => [settings.model ?? 'sherpa-onnx'],
};

function lastAnswer(text: string): Heard | undefined {
  const line = text.split('\n').findLast((one) => one.startsWith('{'));
  const value = line === undefined ? undefined : readJson(Buffer.from(line, 'latin1'));
  if (!isRecord(value) || typeof value.text !== 'string') return undefined;
  const language = languageOf(value.lang);
  const words = wordsOf(value);
  return {
    text: value.text,
    ...(language === undefined ? {} : { language }),
    ...(words.length === 0 ? {} : { words }),
  };
}

/** A token lasts until the next begins, where it does not say. Whisper models give none. */
function wordsOf(value: Record<string, unknown>): Word[] {
  const [tokens, starts, durations] = [value.tokens, value.timestamps, value.durations].map((list) =>
    Array.isArray(list) ? list : [],
  ) as [unknown[], unknown[], unknown[]];
  if (tokens.length !== starts.length) return [];
  return joinTokens(
    tokens.map((token, index) => {
      const start = numberOf(starts[index]) ?? 0;
      const duration = numberOf(durations[index]);
      const end = duration === undefined ? (numberOf(starts[index + 1]) ?? start) : start + duration;
      return { text: textOf(token) ?? '', start, end };
    }),
  );
}
