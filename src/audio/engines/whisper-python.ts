// Whisper's Python command lines: one JSON, three spellings of the flags.
import { join } from 'node:path';
import { unknownModel } from '../programs/complaint.ts';
import { foreignNames } from '../reading/foreign.ts';
import { whisperCan } from './capabilities.ts';
import type { Heard } from './engine.ts';
import { usualContainers } from './input.ts';
import { readJson } from './json.ts';
import { entries, findConverted, hubDirs, listConverted, listHubModels } from './model-files.ts';
import type { Ask, Place, ProgramKind } from './program-kind.ts';
import { shortPrompt } from './whisper-cpp.ts';
import { whisperJson } from './whisper-json.ts';

/** Named after the recording, which is called `in`. */
const output = 'in.json';

/** `--flag=value`: a prompt that begins with a dash is not taken for a flag. */
function spelled(joint: '-' | '_', flags: Record<string, string | number | undefined>): string[] {
  return Object.entries(flags)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `--${name.replaceAll('_', joint)}=${value}`);
}

function asked({ job }: Ask) {
  return {
    language: job.language,
    task: job.task === 'translate' ? 'translate' : undefined,
    temperature: job.temperature,
    initial_prompt: job.prompt === undefined ? undefined : shortPrompt(job.prompt),
  };
}

function readWhisperJson(bytes: Uint8Array): Heard | undefined {
  return whisperJson(readJson(bytes));
}

function hubModels({ modelDirs, surroundings }: Place): Promise<string[]> {
  return listHubModels(hubDirs(modelDirs, surroundings.env, surroundings.homedir));
}

export async function hubModelsLike(globs: readonly string[], place: Place): Promise<string[]> {
  const { matchesGlob } = place.surroundings;
  return (await hubModels(place)).filter((model) => globs.some((glob) => matchesGlob(glob, model)));
}

/** openai-whisper. */
export const whisper: ProgramKind = {
  kind: 'whisper',
  programs: ['whisper'],
  needs: ['ffmpeg'],
  models: ['turbo'],
  defaultModel: 'turbo',
  capabilities: whisperCan,
  reads: { containers: usualContainers },
  probeArgs: ['--help'],
  output,
  args: (ask) => [
    ask.input,
    ...spelled('_', {
      model: ask.job.model,
      output_format: 'json',
      output_dir: ask.job.directory,
      verbose: 'False',
      fp16: 'False',
      word_timestamps: ask.job.words ? 'True' : undefined,
      threads: ask.settings.threads,
      ...asked(ask),
    }),
    ...ask.extra,
  ],
  read: readWhisperJson,
  available: async ({ surroundings: { homedir, env } }) => {
    const files = await entries(join(env.XDG_CACHE_HOME || join(homedir, '.cache'), 'whisper'));
    return files.flatMap((file) => /^(.+)\.pt$/.exec(file)?.[1] ?? []).sort();
  },
};

const mlxModels = ['mlx-community/whisper-*'];
/** Short names, and what the repository is called where it is not `mlx-community/<name>`. */
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
  capabilities: whisperCan,
  reads: { containers: usualContainers },
  probeArgs: ['--help'],
  output,
  args: async (ask) => {
    const { job } = ask;
    const short = Object.hasOwn(mlxNames, job.model) ? mlxNames[job.model] : undefined;
    return [
      ask.input,
      ...spelled('-', {
        model: short === undefined ? job.model : `mlx-community/${short}`,
        output_format: 'json',
        output_dir: job.directory,
        output_name: 'in',
        verbose: 'False',
        ...asked(ask),
      }),
      // A switch in some revisions, where the word `True` would be a second recording.
      ...(!job.words
        ? []
        : /--word-timestamps[ =]WORD_TIMESTAMPS/.test(await ask.help())
          ? ['--word-timestamps=True']
          : ['--word-timestamps']),
      ...ask.extra,
    ];
  },
  read: readWhisperJson,
  canonical: (model) => (Object.hasOwn(mlxNames, model) ? `mlx-community/${mlxNames[model]}` : model),
  available: (place) => hubModelsLike(mlxModels, place),
};

const ctranslateNames = [
  ...['tiny', 'tiny.en', 'base', 'base.en', 'small', 'small.en', 'medium', 'medium.en'],
  ...['large-v1', 'large-v2', 'large-v3', 'large-v3-turbo', 'turbo'],
  ...['distil-large-v2', 'distil-large-v3', 'distil-medium.en', 'distil-small.en'],
];

/** What whisper-ctranslate2 calls a model that is known by its repository. */
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
  // The short names are shared with whisper.cpp: whoever has the model is chosen.
  models: [
    ...['openai/whisper-*', 'distil-whisper/*', 'Systran/faster-*', 'faster-whisper-*', 'distil-*'],
    ...['tiny*', 'base*', 'small*', 'medium*', 'large*', 'turbo'],
  ],
  defaultModel: 'large-v3-turbo',
  capabilities: whisperCan,
  // Its decoder is bundled and knows nearly everything.
  reads: {
    containers: new Set([
      ...usualContainers,
      ...(['matroska', 'mov', '3gp', 'aiff', 'au', 'caf', 'adts', 'amr', 'amr-wb', 'asf'] as const),
      ...foreignNames,
    ]),
  },
  probeArgs: ['--version'],
  output,
  args: async (ask) => {
    const { job, settings, modelDirs } = ask;
    const directory = await findConverted(job.model, settings, modelDirs);
    const name = ctranslateName(job.model.replace(/^faster-whisper-/, ''));
    if (directory === undefined && !ctranslateNames.includes(name)) {
      throw unknownModel(settings.id, job.model, `It knows ${ctranslateNames.join(', ')}.`);
    }
    return [
      ask.input,
      ...spelled('_', {
        ...(directory === undefined ? { model: name } : { model_directory: directory }),
        output_format: 'json',
        output_dir: job.directory,
        verbose: 'False',
        // A daemon downloads nothing by surprise.
        local_files_only: 'True',
        word_timestamps: job.words ? 'True' : undefined,
        threads: settings.threads,
        ...asked(ask),
      }),
      ...ask.extra,
    ];
  },
  read: readWhisperJson,
  canonical: (model) => ctranslateName(model.replace(/^faster-whisper-/, '')),
  has: async (model, { settings, modelDirs }) =>
    (await findConverted(model, settings, modelDirs)) !== undefined || undefined,
  available: async (place) => {
    const cached = (await hubModels(place))
      .map(ctranslateName)
      .filter((name) => ctranslateNames.includes(name));
    return [...new Set([...cached, ...(await listConverted(place.modelDirs))])].sort();
  },
};
