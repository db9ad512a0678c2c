// Engines that are Python packages without a usable command line. A short script, run with `python3 -c`, calls the package and
// writes a JSON file, so whatever the package prints does not matter.

import { join } from 'node:path';
import { isObject } from '../../base/object.ts';
import { unknownModel } from '../programs/failures.ts';
import type { Segment } from '../transcript.ts';
import { textOnly } from './capabilities.ts';
import type { EngineResult } from './engine.ts';
import { commonContainers } from './input.ts';
import { readJson } from './json.ts';
import type { ProgramKind } from './program-kind.ts';
import { languageOf, numberOf, textOf } from './result.ts';
import { hubModelsLike } from './whisper-python.ts';

const python = ['python3', 'python'];
const output = 'out.json';

/** Arguments: recording, output, repository, folder in it (may be empty), language (may be empty). */
const lightningCode = `
import json, os, sys
recording, output, model, folder, language = sys.argv[1:6]
from lightning_whisper_mlx.transcribe import transcribe_audio
if folder:
    from huggingface_hub import hf_hub_download
    hf_hub_download(repo_id=model, filename=folder + "/config.json")
    model = os.path.dirname(hf_hub_download(repo_id=model, filename=folder + "/weights.npz"))
hint = {"language": language} if language else {}
result = transcribe_audio(recording, path_or_hf_repo=model, batch_size=12, **hint)
with open(output, "w", encoding="utf-8") as file:
    json.dump({key: result.get(key) for key in ("text", "language", "segments")}, file, default=float)
`;

const distilled = 'mustafaaljadery/distil-whisper-mlx';

/** The repository of `lightning-whisper-<name>`, and the folder in it if it contains several models. */
const lightningModels: Readonly<Record<string, readonly [repository: string, folder: string]>> = {
  tiny: ['mlx-community/whisper-tiny', ''],
  base: ['mlx-community/whisper-base-mlx', ''],
  small: ['mlx-community/whisper-small-mlx', ''],
  medium: ['mlx-community/whisper-medium-mlx', ''],
  large: ['mlx-community/whisper-large-mlx', ''],
  'large-v2': ['mlx-community/whisper-large-v2-mlx', ''],
  'large-v3': ['mlx-community/whisper-large-v3-mlx', ''],
  'distil-small.en': [distilled, 'mlx_models/distil-small.en'],
  'distil-medium.en': [distilled, 'mlx_models/distil-medium.en'],
  'distil-large-v2': [distilled, 'mlx_models/distil-large-v2'],
  'distil-large-v3': [distilled, 'mlx_models/distil-large-v3'],
};

function lightningModel(model: string): readonly [string, string] | undefined {
  const name = model.replace(/^lightning-whisper-/, '');
  if (Object.hasOwn(lightningModels, name)) return lightningModels[name];
  return model.includes('/') ? [model, ''] : undefined;
}

export const lightningWhisperMlx: ProgramKind = {
  kind: 'lightning-whisper-mlx',
  onlyMac: true,
  isPython: true,
  programs: python,
  needs: ['ffmpeg'],
  models: ['lightning-whisper-*'],
  defaultModel: 'lightning-whisper-distil-large-v3',
  capabilities: { ...textOnly, segments: true, languages: true },
  accepts: { containers: commonContainers },
  probeArgs: ['-c', 'import lightning_whisper_mlx.transcribe'],
  hasReliableExitCode: true,
  output,
  args: ({ job, input, settings, extra }) => {
    const model = lightningModel(job.model);
    if (model === undefined) {
      const known = Object.keys(lightningModels).map((name) => `lightning-whisper-${name}`);
      throw unknownModel(settings.id, job.model, `Available models: ${known.join(', ')}.`);
    }
    return ['-c', lightningCode, input, join(job.directory, output), ...model, job.language ?? '', ...extra];
  },
  read: readLightning,
  available: async (resolved) => {
    const cached = new Set(await hubModelsLike(['mlx-community/whisper-*', distilled], resolved));
    return Object.entries(lightningModels).flatMap(([name, [repository, folder]]) =>
      cached.has(repository) && folder === '' ? `lightning-whisper-${name}` : [],
    );
  },
};

/** Seconds of a frame: 160 samples at 16 kHz. */
const frameS = 160 / 16_000;

function readLightning(output: Uint8Array): EngineResult | undefined {
  const value = readJson(output);
  if (!isObject(value) || typeof value.text !== 'string') return undefined;
  const language = languageOf(value.language);
  const segments = Array.isArray(value.segments) ? value.segments.flatMap(lightningSegment) : [];
  return {
    text: value.text,
    ...(language === undefined ? {} : { language }),
    ...(segments.length === 0 ? {} : { segments }),
  };
}

/** `[startFrame, endFrame, text]`, or an object with seconds in other versions. */
function lightningSegment(part: unknown): Segment[] {
  const [start, end, text, unit] = Array.isArray(part)
    ? [part[0], part[1], part[2], frameS]
    : isObject(part)
      ? [part.start, part.end, part.text, 1]
      : [];
  const from = numberOf(start);
  const segmentText = textOf(text);
  if (from === undefined || segmentText === undefined || unit === undefined) return [];
  return [{ start: from * unit, end: (numberOf(end) ?? from) * unit, text: segmentText }];
}

/**
 * Arguments: recording, output, repository. The package prints the text in fragments without line ends, among log lines and a
 * dump of its configuration, so the script replaces its `print`.
 */
const kyutaiCode = `
import json, sys
recording, output, model = sys.argv[1:4]
from moshi_mlx import run_inference
fragments = []
def capture(*words, **options):
    if options.get("end") == "":
        fragments.extend(str(word) for word in words)
run_inference.print = capture
sys.argv = ["run_inference", "--hf-repo", model, "--temp", "0", recording]
run_inference.main()
with open(output, "w", encoding="utf-8") as file:
    json.dump({"text": "".join(fragments)}, file)
`;

const kyutaiModels = ['kyutai/stt-*-mlx'];

export const kyutaiMlx: ProgramKind = {
  kind: 'kyutai-mlx',
  onlyMac: true,
  isPython: true,
  programs: python,
  models: kyutaiModels,
  defaultModel: 'kyutai/stt-2.6b-en-mlx',
  capabilities: textOnly,
  accepts: { containers: new Set(['wav']) },
  probeArgs: ['-c', 'import moshi_mlx.run_inference'],
  hasReliableExitCode: true,
  output,
  args: ({ job, input, extra }) => [
    ...['-c', kyutaiCode, input, join(job.directory, output), job.model],
    ...extra,
  ],
  read: (output, { job }) => {
    const value = readJson(output);
    if (!isObject(value) || typeof value.text !== 'string') return undefined;
    return { text: value.text, ...(/-en-/.test(job.model) ? { language: 'en' } : {}) };
  },
  available: (resolved) => hubModelsLike(kyutaiModels, resolved),
};
