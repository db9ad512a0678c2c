// Engines that are a Python package without a command line of use: driven by a few lines of
// Python of ours, handed to `python3 -c`, that write a file of JSON. What the packages print does not matter then.
import { join } from 'node:path';
import { unknownModel } from '../programs/complaint.ts';
import type { Segment } from '../transcript.ts';
import { textOnly } from './capabilities.ts';
import type { Heard } from './engine.ts';
import { isRecord, languageOf, numberOf, textOf } from './heard.ts';
import { usualContainers } from './input.ts';
import { readJson } from './json.ts';
import type { ProgramKind } from './program-kind.ts';
import { hubModelsLike } from './whisper-python.ts';

const python = ['python3', 'python'];
const output = 'out.json';

/** Arguments: recording, output, repository, folder in it or nothing, language or nothing. */
const lightningCode = `
import json, os, sys
recording, output, model, folder, language = sys.argv[1:6]
from lightning_whisper_mlx.transcribe import transcribe_audio
if folder:
    from huggingface_hub import hf_hub_download
    hf_hub_download(repo_id=model, filename=folder + "/config.json")
    model = os.path.dirname(hf_hub_download(repo_id=model, filename=folder + "/weights.npz"))
hint = {"language": language} if language else {}
heard = transcribe_audio(recording, path_or_hf_repo=model, batch_size=12, **hint)
with open(output, "w", encoding="utf-8") as file:
    json.dump({key: heard.get(key) for key in ("text", "language", "segments")}, file, default=float)
`;

const distilled = 'mustafaaljadery/distil-whisper-mlx';

/** The repository behind `lightning-whisper-<name>`, and the folder in it where it holds several models. */
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
  reads: { containers: usualContainers },
  probeArgs: ['-c', 'import lightning_whisper_mlx.transcribe'],
  probeTold: true,
  output,
  args: ({ job, input, settings, extra }) => {
    const model = lightningModel(job.model);
    if (model === undefined) {
      const known = Object.keys(lightningModels).map((name) => `lightning-whisper-${name}`);
      throw unknownModel(settings.id, job.model, `It knows ${known.join(', ')}.`);
    }
    return ['-c', lightningCode, input, join(job.directory, output), ...model, job.language ?? '', ...extra];
  },
  read: readLightning,
  available: async (place) => {
    const cached = new Set(await hubModelsLike(['mlx-community/whisper-*', distilled], place));
    return Object.entries(lightningModels).flatMap(([name, [repository, folder]]) =>
      cached.has(repository) && folder === '' ? `lightning-whisper-${name}` : [],
    );
  },
};

/** Frames of 160 samples at 16 kHz. */
const frameS = 160 / 16_000;

function readLightning(output: Uint8Array): Heard | undefined {
  const value = readJson(output);
  if (!isRecord(value) || typeof value.text !== 'string') return undefined;
  const language = languageOf(value.language);
  const segments = Array.isArray(value.segments) ? value.segments.flatMap(lightningSegment) : [];
  return {
    text: value.text,
    ...(language === undefined ? {} : { language }),
    ...(segments.length === 0 ? {} : { segments }),
  };
}

/** `[startFrame, endFrame, text]`, or seconds with names in other versions. */
function lightningSegment(part: unknown): Segment[] {
  const [start, end, text, unit] = Array.isArray(part)
    ? [part[0], part[1], part[2], frameS]
    : isRecord(part)
      ? [part.start, part.end, part.text, 1]
      : [];
  const from = numberOf(start);
  const said = textOf(text);
  if (from === undefined || said === undefined || unit === undefined) return [];
  return [{ start: from * unit, end: (numberOf(end) ?? from) * unit, text: said }];
}

/**
 * Arguments: recording, output, repository. The package's own program prints each piece of the text without a line end, among
 * log lines and a dump of its configuration; so its `print` is ours.
 */
const kyutaiCode = `
import json, sys
recording, output, model = sys.argv[1:4]
from moshi_mlx import run_inference
pieces = []
def heard(*words, **how):
    if how.get("end") == "":
        pieces.extend(str(word) for word in words)
run_inference.print = heard
sys.argv = ["run_inference", "--hf-repo", model, "--temp", "0", recording]
run_inference.main()
with open(output, "w", encoding="utf-8") as file:
    json.dump({"text": "".join(pieces)}, file)
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
  reads: { containers: new Set(['wav']) },
  probeArgs: ['-c', 'import moshi_mlx.run_inference'],
  probeTold: true,
  output,
  args: ({ job, input, extra }) => [
    ...['-c', kyutaiCode, input, join(job.directory, output), job.model],
    ...extra,
  ],
  read: (output, { job }) => {
    const value = readJson(output);
    if (!isRecord(value) || typeof value.text !== 'string') return undefined;
    return { text: value.text, ...(/-en-/.test(job.model) ? { language: 'en' } : {}) };
  },
  available: (place) => hubModelsLike(kyutaiModels, place),
};
