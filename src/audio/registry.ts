// Selects the engine and model for a request. Several engines may claim a model, such as `base.en`: one that is ready and has
// the model is preferred.
import { clip } from '../base/clip.ts';
import { Failure } from '../failure.ts';
import type { Engine } from './engines/engine.ts';
import { isPath, publicModel } from './paths.ts';

export interface RegistryOptions {
  /** Id of the engine for requests that name none. */
  default: string;
  /** The model for requests that name none: a model or `engine:model`. */
  model?: string | undefined;
  aliases: Readonly<Record<string, string>>;
  /** Globs that match `engine:model` or the model; an empty list allows all. */
  allowed: readonly string[];
  matchesGlob: MatchesGlob;
}

export interface EngineChoice {
  engine: Engine;
  model: string;
  /** The name comes from the configuration or the owner's shell, so it may be a path. */
  mayBePath?: true;
}

interface ModelQuery {
  engine?: string | undefined;
  model?: string | undefined;
  task?: 'transcribe' | 'translate';
  /** From the owner's shell: the model may be a path. With paths, HTTP clients could probe the file system. */
  fromShell?: true;
}

export interface Registry {
  engines: readonly Engine[];
  /** Throws a Failure with `param` `model` or `engine` if the name is unknown or not allowed. */
  resolve(query: ModelQuery): Promise<EngineChoice>;
  /** Like resolve, without checking which engines are ready. */
  first(query: ModelQuery): EngineChoice;
  /** Whether `engine:model` may be used. */
  allows(engine: string, model: string): boolean;
}

export type MatchesGlob = (glob: string, text: string) => boolean;

/** Whether a glob matches `engine:model` or the model alone. */
export function matchesModel(
  engine: string,
  model: string,
  globs: readonly string[],
  matchesGlob: MatchesGlob,
): boolean {
  return globs.some((glob) => matchesGlob(glob, `${engine}:${model}`) || matchesGlob(glob, model));
}

/** OpenAI's model names, which select the configured default model. */
const openaiNames = /^(?:whisper-1|gpt-transcribe|gpt-4o-transcribe.*|gpt-4o-mini-transcribe.*)$/;

/** Engine ids of older open-asr-server releases. */
const olderIds: ReadonlyMap<string, string> = new Map([
  ['whisper-mlx', 'mlx-whisper'],
  ['parakeet', 'parakeet-mlx'],
  ['lightning-whisper', 'lightning-whisper-mlx'],
]);

/** Throws if the default engine is not one of `engines`. */
export function createRegistry(engines: readonly Engine[], options: RegistryOptions): Registry {
  const { aliases, allowed, matchesGlob } = options;
  const byId = (id: string) => {
    const named = (wanted: string | undefined) => engines.find((engine) => engine.id === wanted);
    return named(id) ?? named(olderIds.get(id));
  };
  const matches = (engine: Engine, model: string) => engine.models.some((glob) => matchesGlob(glob, model));

  const engineOf = (id: string): Engine => {
    const engine = byId(id);
    if (engine !== undefined) return engine;
    const known = engines.map((one) => one.id).join(', ');
    throw new Failure('invalid_request', `Unknown speech engine \`${clip(id, 80)}\`.`, {
      param: 'engine',
      code: 'engine_not_found',
      advice: `Use one of ${known}.`,
    });
  };

  engineOf(options.default);

  /** Splits `engine:model`. If the part before the colon is not an engine, the colon belongs to the model's name. */
  const split = (name: string): { engine: Engine | undefined; model: string } => {
    const at = name.indexOf(':');
    const engine = at < 0 ? undefined : byId(name.slice(0, at));
    return engine === undefined ? { engine, model: name } : { engine, model: name.slice(at + 1) };
  };

  const withModel = (engine: Engine, model: string | undefined): EngineChoice => {
    if (model) return { engine, model };
    if (engine.defaultModel !== undefined) return { engine, model: engine.defaultModel };
    throw new Failure('invalid_request', `The speech engine ${engine.id} has no default model.`, {
      param: 'model',
      code: 'missing_required_parameter',
      advice: `Request \`${engine.id}:MODEL\`, or set \`model\` in the engine's config.toml table.`,
    });
  };

  /**
   * The choices for a name; without an engine, all engines that claim it, in their order. After those, the engines that have
   * the model without its prefix: `whisper-large-v3` is `large-v3` of most.
   */
  const claimed = (name: string): EngineChoice[] => {
    const { engine, model } = split(name);
    if (engine !== undefined) return [withModel(engine, model)];
    const short = model.replace(/^whisper-(?!\d)/, '');
    return [...new Set([model, short])].flatMap((each) =>
      engines.filter((one) => matches(one, each)).map((one) => ({ engine: one, model: each })),
    );
  };

  /** The choices for a local path, from its extension: engines that read such files. */
  const claimedPath = (path: string): EngineChoice[] => {
    const ids = /\.bin$/.test(path) ? ['whisper-cpp'] : ['faster-whisper', 'mlx-whisper', 'parakeet-mlx'];
    const reading = ids.flatMap((id) => byId(id) ?? []);
    return reading.map((engine) => ({ engine, model: path, mayBePath: true }));
  };

  const trusted = (name: string): EngineChoice[] =>
    isPath(name) ? claimedPath(name) : claimed(name).map((choice) => ({ ...choice, mayBePath: true }));

  const fallback = (): EngineChoice[] => {
    const { model } = options;
    if (model === undefined) return [withModel(engineOf(options.default), undefined)];
    const name = aliasOf(model);
    const choices = trusted(name);
    return choices.length > 0 ? choices : [{ engine: engineOf(options.default), model: name }];
  };

  const aliasOf = (name: string) => (Object.hasOwn(aliases, name) ? aliases[name]! : name);
  const modelNameOf = (name: string | undefined) =>
    name === undefined ? undefined : withoutVendor(aliasOf(name));

  /** The choice when the request names the engine. */
  const inEngine = (engine: Engine, name: string | undefined, fromShell: boolean): EngineChoice => {
    if (name !== undefined) {
      const { model } = split(name);
      if (model !== '' && (!openaiNames.test(model) || matches(engine, model))) {
        return { engine, model, ...(fromShell && { mayBePath: true as const }) };
      }
    }
    const usual = options.model === undefined ? [] : fallback();
    return usual.find((choice) => choice.engine === engine) ?? withModel(engine, undefined);
  };

  /** At least one choice; the first is used if none is ready. */
  const candidates = ({ engine, model, fromShell }: ModelQuery): EngineChoice[] => {
    const requested = model?.trim() || undefined;
    const name = modelNameOf(requested);
    if (name !== undefined && /(?:^|:)gpt-4o-transcribe-diarize/.test(name)) throw noSpeakers();
    if (engine !== undefined) return [inEngine(engineOf(engine), name, fromShell === true)];
    if (name === undefined) return fallback();
    const isAlias = requested !== undefined && Object.hasOwn(aliases, requested);
    const choices = fromShell || isAlias ? trusted(name) : claimed(name);
    if (choices.length > 0) return choices;
    if (openaiNames.test(name)) return fallback();
    throw unknownModelFailure(name, engines);
  };

  /** For translations with the default model, adds engines that can translate if the default one cannot. */
  const translators = async (
    { engine, model }: ModelQuery,
    choices: EngineChoice[],
  ): Promise<EngineChoice[]> => {
    const name = modelNameOf(model?.trim() || undefined);
    const isFree = engine === undefined && (name === undefined || openaiNames.test(name));
    if (!isFree || choices.some((choice) => choice.engine.capabilities.translate)) return choices;
    const able = engines.filter(({ capabilities }) => capabilities.translate);
    const models = await Promise.all(able.map(async (one) => one.defaultModel ?? (await one.available())[0]));
    return [
      ...choices,
      ...able.flatMap((one, at) => (models[at] ? [{ engine: one, model: models[at] }] : [])),
    ];
  };

  const allows = (engine: string, model: string) =>
    allowed.length === 0 || matchesModel(engine, model, allowed, matchesGlob);

  const permitted = (choices: EngineChoice[]): EngineChoice[] => {
    const some = choices.filter(({ engine, model }) => allows(engine.id, model));
    if (some.length > 0) return some;
    const [{ engine, model }] = choices as [EngineChoice];
    const full = `${engine.id}:${publicModel(model)}`;
    throw new Failure('forbidden', `The speech model \`${clip(full, 80)}\` is not allowed.`, {
      param: 'model',
      code: 'model_not_allowed',
      advice: 'Use another model, or add it to `transcription.allowed` in config.toml.',
    });
  };

  return {
    engines,
    allows,
    first: (query) => permitted(candidates(query))[0]!,
    async resolve(query) {
      const { task = 'transcribe' } = query;
      const found = candidates(query);
      const choices = permitted(task === 'translate' ? await translators(query, found) : found);
      return choices.length === 1 ? choices[0]! : bestOf(choices, task);
    },
  };
}

/** OpenRouter and LiteLLM prefix OpenAI's names with the vendor. */
function withoutVendor(name: string): string {
  const bare = name.replace(/^openai\//, '');
  return openaiNames.test(bare) ? bare : name;
}

/** Probes one engine after the other and stops at the first that is ready, because some probes take seconds. */
async function bestOf(
  choices: readonly EngineChoice[],
  task: 'transcribe' | 'translate',
): Promise<EngineChoice> {
  let best: { choice: EngineChoice; rank: number } | undefined;
  for (const choice of choices) {
    const rank = await rankOf(choice, task);
    if (rank === 2) return choice;
    if (best === undefined || rank > best.rank) best = { choice, rank };
  }
  return best!.choice;
}

/** How well the engine can do the task: 2 if ready with the model, -1 if it never can here. Engines cache their probes. */
async function rankOf({ engine, model }: EngineChoice, task: 'transcribe' | 'translate'): Promise<number> {
  if (task === 'translate' && !engine.capabilities.translate) return -1;
  const readiness = await engine.probe();
  if (!readiness.ready) return readiness.fix === '' ? -1 : 0;
  const has = engine.has?.(model) ?? engine.available().then((models) => models.includes(model));
  return (await has.catch(() => false)) ? 2 : 1;
}

function noSpeakers(): Failure {
  return new Failure('invalid_request', 'No speech engine supports speaker diarization.', {
    param: 'model',
    code: 'unsupported_value',
    advice: 'Use a model without diarization, such as "whisper-1".',
  });
}

function unknownModelFailure(name: string, engines: readonly Engine[]): Failure {
  const known = engines.flatMap(({ models }) => models).slice(0, 40);
  return new Failure('not_found', `Unknown speech model \`${clip(name, 80)}\`.`, {
    param: 'model',
    code: 'model_not_found',
    advice: `Available: ${known.join(', ')}; any engine's own models as \`engine:model\`; OpenAI names such as "whisper-1".`,
  });
}
