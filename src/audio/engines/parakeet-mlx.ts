// parakeet-mlx (https://github.com/senstella/parakeet-mlx).
import { isObject } from '../../base/object.ts';
import { textOnly } from './capabilities.ts';
import type { EngineResult } from './engine.ts';
import { commonContainers } from './input.ts';
import { readJson } from './json.ts';
import type { ProgramKind } from './program-kind.ts';
import { joinTokens, numberOf, recordsOf, type Token, textOf } from './result.ts';
import { hubModelsLike } from './whisper-python.ts';

const repositories = ['mlx-community/parakeet-*'];

export const parakeetMlx: ProgramKind = {
  kind: 'parakeet-mlx',
  onlyMac: true,
  programs: ['parakeet-mlx'],
  needs: ['ffmpeg'],
  models: ['parakeet-*', ...repositories],
  defaultModel: 'mlx-community/parakeet-tdt-0.6b-v3',
  capabilities: { ...textOnly, segments: true, words: true },
  accepts: { containers: commonContainers },
  probeArgs: ['--help'],
  output: 'out.json',
  args: ({ job, input, extra }) => [
    input,
    `--model=${job.model.startsWith('parakeet-') ? `mlx-community/${job.model}` : job.model}`,
    '--output-format=json',
    `--output-dir=${job.directory}`,
    '--output-template=out',
    ...extra,
  ],
  read: readParakeet,
  available: (resolved) => hubModelsLike(repositories, resolved),
};

function readParakeet(output: Uint8Array): EngineResult | undefined {
  const value = readJson(output);
  if (!isObject(value) || !Array.isArray(value.sentences)) return undefined;
  const sentences = recordsOf(value.sentences);
  const text = textOf(value.text);
  return {
    ...(text === undefined ? {} : { text }),
    segments: sentences.map(tokenOf),
    words: sentences.flatMap((sentence) => joinTokens(recordsOf(sentence.tokens).map(tokenOf))),
  };
}

function tokenOf(part: Record<string, unknown>): Token {
  const start = numberOf(part.start) ?? 0;
  const confidence = numberOf(part.confidence);
  return {
    text: textOf(part.text) ?? '',
    start,
    end: numberOf(part.end) ?? start,
    ...(confidence === undefined ? {} : { confidence }),
  };
}
