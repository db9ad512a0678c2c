// sherpa-onnx's `sherpa-onnx-offline`. A model consists of several files, which `args` names.

import { isObject } from '../../base/object.ts';
import { unknownModel } from '../programs/failures.ts';
import type { Word } from '../transcript.ts';
import { textOnly } from './capabilities.ts';
import type { EngineResult } from './engine.ts';
import { readJson } from './json.ts';
import type { ProgramKind } from './program-kind.ts';
import { joinTokens, languageOf, numberOf, textOf } from './result.ts';

export const sherpaOnnx: ProgramKind = {
  kind: 'sherpa-onnx',
  programs: ['sherpa-onnx-offline'],
  models: ['sherpa-onnx'],
  defaultModel: 'sherpa-onnx',
  capabilities: { ...textOnly, words: true },
  accepts: { containers: new Set(['wav']), wavRate: 16_000 },
  probeArgs: ['--help'],
  missingRequirement: async ({ settings }) =>
    settings.args !== undefined
      ? undefined
      : {
          why: 'its model is not configured',
          fix: 'set `args` in its config.toml table, such as ["--tokens=/m/tokens.txt", "--paraformer=/m/model.onnx"]',
        },
  args: ({ job, settings, input, extra }) => {
    if (job.model !== settings.model) {
      throw unknownModel(settings.id, job.model, `Its only model is \`${settings.model}\`.`);
    }
    return [
      ...(settings.threads === undefined ? [] : [`--num-threads=${settings.threads}`]),
      ...extra,
      input,
    ];
  },
  // Older releases print the result among their log lines.
  read: (output, _, { stderr }) => lastResult(Buffer.from(output).toString('latin1')) ?? lastResult(stderr),
  available: async ({ settings }) => [settings.model ?? 'sherpa-onnx'],
};

function lastResult(text: string): EngineResult | undefined {
  const line = text.split('\n').findLast((one) => one.startsWith('{'));
  const value = line === undefined ? undefined : readJson(Buffer.from(line, 'latin1'));
  if (!isObject(value) || typeof value.text !== 'string') return undefined;
  const language = languageOf(value.lang);
  const words = wordsOf(value);
  return {
    text: value.text,
    ...(language === undefined ? {} : { language }),
    ...(words.length === 0 ? {} : { words }),
  };
}

/** Without durations, a token lasts until the next one starts. Whisper models return no tokens. */
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
