// Whisper's Python command lines: one JSON format, three spellings of the flags.
import { join } from 'node:path';
import { unknownModel } from '../programs/failures.ts';
import { ffmpegContainerNames } from '../reading/ffmpeg-only.ts';
import { whisperCapabilities } from './capabilities.ts';
import type { EngineResult } from './engine.ts';
import { commonContainers } from './input.ts';
import { readJson } from './json.ts';
import {
  findCTranslateModel,
  hubDirs,
  listCTranslateModels,
  listDirectory,
  listHubModels,
} from './model-files.ts';
import type { ProgramKind, ProgramRun, ResolvedProgram } from './program-kind.ts';
import { clipPrompt } from './whisper-cpp.ts';
import { whisperJson } from './whisper-json.ts';

/** Named after the input, which linkInput calls `in.<ext>`. */
const output = 'in.json';

/** Writes `--flag=value`, so that a prompt that begins with a dash is not read as a flag. */
function formatFlags(joint: '-' | '_', flags: Record<string, string | number | undefined>): string[] {
  return Object.entries(flags)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `--${name.replaceAll('_', joint)}=${value}`);
}

function commonFlags({ job }: ProgramRun) {
  return {
    language: job.language,
    task: job.task === 'translate' ? 'translate' : undefined,
    temperature: job.temperature,
    initial_prompt: job.prompt === undefined ? undefined : clipPrompt(job.prompt),
  };
}

function readWhisperJson(bytes: Uint8Array): EngineResult | undefined {
  return whisperJson(readJson(bytes));
}

function hubModels({ modelDirs, context }: ResolvedProgram): Promise<string[]> {
  return listHubModels(hubDirs(modelDirs, context.env, context.homedir));
}

export async function hubModelsLike(globs: readonly string[], resolved: ResolvedProgram): Promise<string[]> {
  const { matchesGlob } = resolved.context;
  return (await hubModels(resolved)).filter((model) => globs.some((glob) => matchesGlob(glob, model)));
}

/** openai-whisper. */
export const whisper: ProgramKind = {
  kind: 'whisper',
  programs: ['whisper'],
  needs: ['ffmpeg'],
  models: ['turbo'],
  defaultModel: 'turbo',
  capabilities: whisperCapabilities,
  accepts: { containers: commonContainers },
  probeArgs: ['--help'],
  output,
  args: (invocation) => [
    invocation.input,
    ...formatFlags('_', {
      model: invocation.job.model,
      output_format: 'json',
      output_dir: invocation.job.directory,
      verbose: 'False',
      fp16: 'False',
      word_timestamps: invocation.job.words ? 'True' : undefined,
      threads: invocation.settings.threads,
      ...commonFlags(invocation),
    }),
    ...invocation.extra,
  ],
  read: readWhisperJson,
  available: async ({ context: { homedir, env } }) => {
    const files = await listDirectory(join(env.XDG_CACHE_HOME || join(homedir, '.cache'), 'whisper'));
    return files.flatMap((file) => /^(.+)\.pt$/.exec(file)?.[1] ?? []).sort();
  },
};

const mlxModels = ['mlx-community/whisper-*'];
/** Short names, and the repositories' names in `mlx-community/`. */
const mlxNames: Readonly<Record<string, string>> = {
  'whisper-tiny': 'whisper-tiny',
  'whisper-base': 'whisper-base-mlx',
  'whisper-small': 'whisper-small-mlx',
  'whisper-medium': 'whisper-medium-mlx',
  'whisper-large': 'whisper-large-mlx',
  'whisper-large-v2': 'whisper-large-v2-mlx',
  'whisper-large-v3': 'whisper-large-v3-mlx',
  'whisper-large-v3-turbo': 'whisper-large-v3-turbo',
};

export const mlxWhisper: ProgramKind = {
  kind: 'mlx-whisper',
  onlyMac: true,
  programs: ['mlx_whisper'],
  needs: ['ffmpeg'],
  models: [...Object.keys(mlxNames), ...mlxModels],
  defaultModel: 'mlx-community/whisper-large-v3-turbo',
  capabilities: whisperCapabilities,
  accepts: { containers: commonContainers },
  probeArgs: ['--help'],
  output,
  args: async (invocation) => {
    const { job } = invocation;
    const short = Object.hasOwn(mlxNames, job.model) ? mlxNames[job.model] : undefined;
    return [
      invocation.input,
      ...formatFlags('-', {
        model: short === undefined ? job.model : `mlx-community/${short}`,
        output_format: 'json',
        output_dir: job.directory,
        output_name: 'in',
        verbose: 'False',
        ...commonFlags(invocation),
      }),
      // In some versions this is a switch, and `True` would be read as a second recording.
      ...(!job.words
        ? []
        : /--word-timestamps[ =]WORD_TIMESTAMPS/.test(await invocation.help())
          ? ['--word-timestamps=True']
          : ['--word-timestamps']),
      ...invocation.extra,
    ];
  },
  read: readWhisperJson,
  canonical: (model) => (Object.hasOwn(mlxNames, model) ? `mlx-community/${mlxNames[model]}` : model),
  available: (resolved) => hubModelsLike(mlxModels, resolved),
};

const ctranslateNames = [
  ...['tiny', 'tiny.en', 'base', 'base.en', 'small', 'small.en', 'medium', 'medium.en'],
  ...['large-v1', 'large-v2', 'large-v3', 'large-v3-turbo', 'turbo'],
  ...['distil-large-v2', 'distil-large-v3', 'distil-medium.en', 'distil-small.en'],
];

/** The name whisper-ctranslate2 uses for a model, given its repository. */
function ctranslateName(model: string): string {
  return model
    .replace(/^mobiuslabsgmbh\/faster-whisper-/, '')
    .replace(/^(?:openai\/whisper-|Systran\/faster-whisper-)/, '')
    .replace(/^(?:Systran\/faster-distil-whisper-|distil-whisper\/(?:distil-)?)/, 'distil-');
}

/** faster-whisper has no command line of its own. */
export const fasterWhisper: ProgramKind = {
  kind: 'faster-whisper',
  programs: ['whisper-ctranslate2'],
  // whisper.cpp claims the short names too: the engine that has the model is chosen.
  models: [
    ...['openai/whisper-*', 'distil-whisper/*', 'Systran/faster-*', 'faster-whisper-*', 'distil-*'],
    ...['tiny*', 'base*', 'small*', 'medium*', 'large*', 'turbo'],
  ],
  defaultModel: 'large-v3-turbo',
  capabilities: whisperCapabilities,
  // Its bundled decoder reads nearly everything.
  accepts: {
    containers: new Set([
      ...commonContainers,
      ...(['matroska', 'mov', '3gp', 'aiff', 'au', 'caf', 'adts', 'amr', 'amr-wb', 'asf'] as const),
      ...ffmpegContainerNames,
    ]),
  },
  probeArgs: ['--version'],
  output,
  args: async (invocation) => {
    const { job, settings, modelDirs } = invocation;
    const directory = await findCTranslateModel(job.model, settings, modelDirs);
    const name = ctranslateName(job.model.replace(/^faster-whisper-/, ''));
    if (directory === undefined && !ctranslateNames.includes(name)) {
      throw unknownModel(settings.id, job.model, `Available models: ${ctranslateNames.join(', ')}.`);
    }
    return [
      invocation.input,
      ...formatFlags('_', {
        ...(directory === undefined ? { model: name } : { model_directory: directory }),
        output_format: 'json',
        output_dir: job.directory,
        verbose: 'False',
        // A daemon must not download models unexpectedly.
        local_files_only: 'True',
        word_timestamps: job.words ? 'True' : undefined,
        threads: settings.threads,
        ...commonFlags(invocation),
      }),
      ...invocation.extra,
    ];
  },
  read: readWhisperJson,
  canonical: (model) => ctranslateName(model.replace(/^faster-whisper-/, '')),
  has: async (model, { settings, modelDirs }) =>
    (await findCTranslateModel(model, settings, modelDirs)) !== undefined || undefined,
  available: async (resolved) => {
    const cached = (await hubModels(resolved))
      .map(ctranslateName)
      .filter((name) => ctranslateNames.includes(name));
    return [...new Set([...cached, ...(await listCTranslateModels(resolved.modelDirs))])].sort();
  },
};
