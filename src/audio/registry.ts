// Which engine and model a request means (reference/asr.md 5.0, "Selection").
import { Failure } from '../failure.ts';
import type { Engine } from './engines/engine.ts';

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
}

export interface Registry {
  engines: readonly Engine[];
  /** Throws a Failure with `param` `model` or `engine` where nothing is meant, or it may not be used. */
  resolve(wish: { engine?: string | undefined; model?: string | undefined }): Choice;
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

/** Throws where the default engine is none of them. */
export function createRegistry(engines: readonly Engine[], options: RegistryOptions): Registry {
  const { aliases, allowed, matchesGlob } = options;
  const byId = (id: string) => engines.find((engine) => engine.id === id);
  const matches = (engine: Engine, model: string) => engine.models.some((glob) => matchesGlob(glob, model));

  const engineOf = (id: string): Engine => {
    const engine = byId(id);
    if (engine !== undefined) return engine;
    const known = engines.map((one) => one.id).join(', ');
    throw new Failure('invalid_request', `There is no speech engine \`${clipped(id)}\`.`, {
      param: 'engine',
      code: 'engine_not_found',
      next: `Name one of ${known}.`,
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
      next: `Name it as \`${engine.id}:MODEL\`, or set \`model\` in the engine's table of config.toml.`,
    });
  };

  /** What a name without an engine means, as far as any engine claims it. */
  const claimed = (name: string): Choice | undefined => {
    const { engine, model } = split(name);
    if (engine !== undefined) return withModel(engine, model);
    const claiming = engines.find((one) => matches(one, model));
    return claiming && { engine: claiming, model };
  };

  const fallback = (): Choice => {
    const { model } = options;
    if (model === undefined) return withModel(engineOf(options.default), undefined);
    const name = aliasOf(model);
    return claimed(name) ?? { engine: engineOf(options.default), model: name };
  };

  const aliasOf = (name: string) => (Object.hasOwn(aliases, name) ? aliases[name]! : name);

  /** The engine is settled; only the model is left to find. */
  const inEngine = (engine: Engine, name: string | undefined): Choice => {
    if (name !== undefined) {
      const { model } = split(name);
      if (model !== '' && (!openaiNames.test(model) || matches(engine, model))) return { engine, model };
    }
    const usual = fallbackOrNone();
    return usual?.engine === engine ? usual : withModel(engine, undefined);
  };
  const fallbackOrNone = () => (options.model === undefined ? undefined : fallback());

  const choose = (id: string | undefined, name: string | undefined): Choice => {
    if (id !== undefined) return inEngine(engineOf(id), name);
    if (name === undefined) return fallback();
    const choice = claimed(name);
    if (choice !== undefined) return choice;
    if (openaiNames.test(name)) return fallback();
    throw unknown(name, engines);
  };

  const allows = (engine: string, model: string) =>
    allowed.length === 0 || isNamed(engine, model, allowed, matchesGlob);

  return {
    engines,
    allows,
    resolve({ engine, model }) {
      const asked = model?.trim() || undefined;
      const name = asked === undefined ? undefined : aliasOf(asked);
      if (name !== undefined && /(?:^|:)gpt-4o-transcribe-diarize/.test(name)) throw noSpeakers();
      const choice = choose(engine, name);
      if (allows(choice.engine.id, choice.model)) return choice;
      const full = `${choice.engine.id}:${choice.model}`;
      throw new Failure('forbidden', `The speech model \`${clipped(full)}\` may not be used.`, {
        param: 'model',
        code: 'model_not_allowed',
        next: 'Name another, or widen `transcription.allowed` in config.toml.',
      });
    },
  };
}

function noSpeakers(): Failure {
  return new Failure('invalid_request', 'No speech engine here tells speakers apart.', {
    param: 'model',
    code: 'unsupported_value',
    next: 'Use a model without speakers, such as "whisper-1".',
  });
}

function unknown(name: string, engines: readonly Engine[]): Failure {
  const known = engines.flatMap(({ models }) => models).slice(0, 40);
  return new Failure('not_found', `There is no speech model \`${clipped(name)}\`.`, {
    param: 'model',
    code: 'model_not_found',
    next: `Known are ${known.join(', ')}, each engine's own as \`engine:model\`, and OpenAI's names such as "whisper-1".`,
  });
}

function clipped(name: string): string {
  const characters = [...name];
  return characters.length <= 80 ? name : `${characters.slice(0, 80).join('')}…`;
}
