// Which engine and model a request means. Several engines may claim a model, such as `base.en`: one that is ready and has it
// comes before one that is not.
import { Failure } from '../failure.ts';
import type { Engine } from './engines/engine.ts';
import { isPath, publicModel } from './paths.ts';

export interface RegistryOptions {
  /** Id of the engine for requests that name none. */
  default: string;
  /** The model for requests that name none: a model or `engine:model`. */
  model?: string | undefined;
  aliases: Readonly<Record<string, string>>;
  /** Globs over `engine:model` and over the model; none allow all. */
  allowed: readonly string[];
  matchesGlob: MatchesGlob;
}

export interface Choice {
  engine: Engine;
  model: string;
  /** The settings or the owner's shell name it: it may be a path. */
  mayBePath?: true;
}

interface Asked {
  engine?: string | undefined;
  model?: string | undefined;
  task?: 'transcribe' | 'translate';
  /** From the owner's shell: the model may be a path. Clients over HTTP could probe the file system with it. */
  fromShell?: true;
}

export interface Registry {
  engines: readonly Engine[];
  /** Throws a Failure with `param` `model` or `engine` where nothing is meant, or it may not be used. */
  resolve(asked: Asked): Promise<Choice>;
  /** The same without looking which engines are ready. */
  first(asked: Asked): Choice;
  /** Whether `engine:model` may be used. */
  allows(engine: string, model: string): boolean;
}

export type MatchesGlob = (glob: string, text: string) => boolean;

/** Whether one of the globs means this model, as `engine:model` or by the model alone. */
export function isNamed(
  engine: string,
  model: string,
  globs: readonly string[],
  matchesGlob: MatchesGlob,
): boolean {
  return globs.some((glob) => matchesGlob(glob, `${engine}:${model}`) || matchesGlob(glob, model));
}

/** Names that mean "your speech model" rather than one of ours. */
const openaiNames = /^(?:whisper-1|gpt-transcribe|gpt-4o-transcribe.*|gpt-4o-mini-transcribe.*)$/;

/** What open-asr-server calls its backends, in its first releases and in later ones. */
const olderIds: ReadonlyMap<string, string> = new Map([
  ['whisper-mlx', 'mlx-whisper'],
  ['parakeet', 'parakeet-mlx'],
  ['lightning-whisper', 'lightning-whisper-mlx'],
]);

/** Throws where the default engine is none of them. */
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
    throw new Failure('invalid_request', `There is no speech engine \`${clipped(id)}\`.`, {
      param: 'engine',
      code: 'engine_not_found',
      advice: `Name one of ${known}.`,
    });
  };

  engineOf(options.default);

  /** `engine:model`; a colon behind anything else is part of a model's name. */
  const split = (name: string): { engine: Engine | undefined; model: string } => {
    const at = name.indexOf(':');
    const engine = at < 0 ? undefined : byId(name.slice(0, at));
    return engine === undefined ? { engine, model: name } : { engine, model: name.slice(at + 1) };
  };

  const withModel = (engine: Engine, model: string | undefined): Choice => {
    if (model) return { engine, model };
    if (engine.defaultModel !== undefined) return { engine, model: engine.defaultModel };
    throw new Failure('invalid_request', `The speech engine ${engine.id} must be told which model to use.`, {
      param: 'model',
      code: 'missing_required_parameter',
      advice: `Name it as \`${engine.id}:MODEL\`, or set \`model\` in the engine's table of config.toml.`,
    });
  };

  /** What a name without an engine means: all engines that claim it, in their order. */
  const claimed = (name: string): Choice[] => {
    const { engine, model } = split(name);
    if (engine !== undefined) return [withModel(engine, model)];
    return engines.filter((one) => matches(one, model)).map((one) => ({ engine: one, model }));
  };

  /** A local path does not say whose model it is; the engines that read such files look. */
  const claimedPath = (path: string): Choice[] => {
    const ids = /\.bin$/.test(path) ? ['whisper-cpp'] : ['faster-whisper', 'mlx-whisper', 'parakeet-mlx'];
    const reading = ids.flatMap((id) => byId(id) ?? []);
    return reading.map((engine) => ({ engine, model: path, mayBePath: true }));
  };

  const trusted = (name: string): Choice[] =>
    isPath(name) ? claimedPath(name) : claimed(name).map((choice) => ({ ...choice, mayBePath: true }));

  const fallback = (): Choice[] => {
    const { model } = options;
    if (model === undefined) return [withModel(engineOf(options.default), undefined)];
    const name = aliasOf(model);
    const choices = trusted(name);
    return choices.length > 0 ? choices : [{ engine: engineOf(options.default), model: name }];
  };

  const aliasOf = (name: string) => (Object.hasOwn(aliases, name) ? aliases[name]! : name);
  const meaningOf = (name: string | undefined) =>
    name === undefined ? undefined : withoutVendor(aliasOf(name));

  /** The engine is settled; only the model is left to find. */
  const inEngine = (engine: Engine, name: string | undefined, fromShell: boolean): Choice => {
    if (name !== undefined) {
      const { model } = split(name);
      if (model !== '' && (!openaiNames.test(model) || matches(engine, model))) {
        return { engine, model, ...(fromShell && { mayBePath: true as const }) };
      }
    }
    const usual = options.model === undefined ? [] : fallback();
    return usual.find((choice) => choice.engine === engine) ?? withModel(engine, undefined);
  };

  /** At least one; the first is meant where none is ready. */
  const candidates = ({ engine, model, fromShell }: Asked): Choice[] => {
    const asked = model?.trim() || undefined;
    const name = meaningOf(asked);
    if (name !== undefined && /(?:^|:)gpt-4o-transcribe-diarize/.test(name)) throw noSpeakers();
    if (engine !== undefined) return [inEngine(engineOf(engine), name, fromShell === true)];
    if (name === undefined) return fallback();
    const isAlias = asked !== undefined && Object.hasOwn(aliases, asked);
    const choices = fromShell || isAlias ? trusted(name) : claimed(name);
    if (choices.length > 0) return choices;
    if (openaiNames.test(name)) return fallback();
    throw unknown(name, engines);
  };

  /** Names that mean "your speech model" mean one that can translate, where the usual one cannot. */
  const translators = async ({ engine, model }: Asked, choices: Choice[]): Promise<Choice[]> => {
    const name = meaningOf(model?.trim() || undefined);
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
    allowed.length === 0 || isNamed(engine, model, allowed, matchesGlob);

  const permitted = (choices: Choice[]): Choice[] => {
    const some = choices.filter(({ engine, model }) => allows(engine.id, model));
    if (some.length > 0) return some;
    const [{ engine, model }] = choices as [Choice];
    const full = `${engine.id}:${publicModel(model)}`;
    throw new Failure('forbidden', `The speech model \`${clipped(full)}\` may not be used.`, {
      param: 'model',
      code: 'model_not_allowed',
      advice: 'Name another, or widen `transcription.allowed` in config.toml.',
    });
  };

  return {
    engines,
    allows,
    first: (asked) => permitted(candidates(asked))[0]!,
    async resolve(asked) {
      const { task = 'transcribe' } = asked;
      const found = candidates(asked);
      const choices = permitted(task === 'translate' ? await translators(asked, found) : found);
      return choices.length === 1 ? choices[0]! : bestOf(choices, task);
    },
  };
}

/** OpenRouter and LiteLLM put the vendor in front of OpenAI's own names. */
function withoutVendor(name: string): string {
  const bare = name.replace(/^openai\//, '');
  return openaiNames.test(bare) ? bare : name;
}

/** One after the other: the first that has all it needs is taken, and some take seconds to say whether they are there. */
async function bestOf(choices: readonly Choice[], task: 'transcribe' | 'translate'): Promise<Choice> {
  let best: { choice: Choice; rank: number } | undefined;
  for (const choice of choices) {
    const rank = await rankOf(choice, task);
    if (rank === 2) return choice;
    if (best === undefined || rank > best.rank) best = { choice, rank };
  }
  return best!.choice;
}

/** How well an engine can do it right now; probes are remembered by the engines for a while. */
async function rankOf({ engine, model }: Choice, task: 'transcribe' | 'translate'): Promise<number> {
  if (task === 'translate' && !engine.capabilities.translate) return -1;
  if (!(await engine.probe()).ready) return 0;
  const has = engine.has?.(model) ?? engine.available().then((models) => models.includes(model));
  return (await has.catch(() => false)) ? 2 : 1;
}

function noSpeakers(): Failure {
  return new Failure('invalid_request', 'No speech engine here tells speakers apart.', {
    param: 'model',
    code: 'unsupported_value',
    advice: 'Use a model without speakers, such as "whisper-1".',
  });
}

function unknown(name: string, engines: readonly Engine[]): Failure {
  const known = engines.flatMap(({ models }) => models).slice(0, 40);
  return new Failure('not_found', `There is no speech model \`${clipped(name)}\`.`, {
    param: 'model',
    code: 'model_not_found',
    advice: `Known are ${known.join(', ')}, each engine's own as \`engine:model\`, and OpenAI's names such as "whisper-1".`,
  });
}

function clipped(name: string): string {
  const characters = [...name];
  return characters.length <= 80 ? name : `${characters.slice(0, 80).join('')}…`;
}
