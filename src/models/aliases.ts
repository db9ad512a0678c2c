// What clients call a model, and what the upstream calls it. One rule for every route.
import { clip } from '../base/clip.ts';
import { Failure } from '../failure.ts';
import { isOtherFamily } from './families.ts';
import { matchesGlob } from './glob.ts';
import type { Model } from './model.ts';
import { isSmall, readRetired, type StandIn } from './retired.ts';
import { readSuffixes, type Suffixes } from './suffixes.ts';

export interface Naming {
  models: readonly Model[];
  /** Of the upstream's list, which Codex clients compare with the one that turns name. */
  etag?: string | undefined;
  /** Names or globs, and the model each means; `default` is the default model. */
  aliases: Readonly<Record<string, string>>;
  /** Globs of the slugs that may be used; empty allows all. */
  allowed: readonly string[];
  /** The configured default; without one, or when the catalogue no longer has it, the first listed model. */
  default: string | undefined;
  /** The model of every request, whatever model it names. */
  override?: string | undefined;
  /** How unknown names are answered on the OpenAI and Anthropic routes. */
  unknown: 'error' | 'default';
}

/**
 * The configured names over the catalogue's models, with the user's own limits: a context window goes up to the model's
 * largest.
 */
export function namingOf(
  settings: Omit<Naming, 'models'> & {
    contextWindow: number | undefined;
    autoCompactTokenLimit?: number | undefined;
  },
  models: readonly Model[],
): Naming {
  const { contextWindow, autoCompactTokenLimit, ...rest } = settings;
  if (contextWindow === undefined && autoCompactTokenLimit === undefined) return { ...rest, models };
  const limited = models.map((model) => ({
    ...model,
    contextWindow: Math.min(contextWindow ?? model.contextWindow, model.maxContextWindow),
    autoCompactTokenLimit: autoCompactTokenLimit ?? model.autoCompactTokenLimit,
  }));
  return { ...rest, models: limited };
}

export type ModelDialect = 'openai' | 'anthropic' | 'ollama';

export interface Resolved extends Suffixes {
  model: Model;
}

/** The model that answers for `name`; a Failure if the name means nothing. */
export function resolve(name: string, naming: Naming, dialect: ModelDialect): Resolved {
  const known = naming.override === undefined ? lookUp(name, naming) : override(naming.override, naming);
  if (known) return permitted(name, known, naming);
  if (!isAnsweredByDefault(name, naming, dialect)) throw notFound(name, naming);
  return permitted(name, resolveDefault(naming), naming);
}

/** The model that `name` itself means: a slug, an alias, a retired name or a Claude. Undefined for all others. */
function lookUp(name: string, naming: Naming): Resolved | undefined {
  const plainName = plain(name);
  for (const candidate of new Set([name, plainName])) {
    const model = bySlug(candidate, naming);
    if (model) return { model };
    const target = ownAlias(candidate, naming);
    if (target) return target;
  }
  return bySuffix(plainName, naming) ?? byRetiredName(plainName, naming) ?? byClaudeName(plainName, naming);
}

/** Whether the name means a model of the account; for other names the default model only stands in. */
export function isOurs(name: string, naming: Naming): boolean {
  try {
    return lookUp(name, naming) !== undefined;
  } catch {
    return false; // an alias for a model that the account does not have
  }
}

/** A model of ours with an unknown suffix is a mistake, and never guessed at. */
function isAnsweredByDefault(name: string, naming: Naming, dialect: ModelDialect): boolean {
  if (naming.unknown === 'default') return true;
  const plainName = plain(name);
  return !beginsWithSlug(plainName, naming) && (dialect === 'ollama' || isOtherFamily(plainName));
}

/** The model of requests that name none of ours. */
export function defaultModel(naming: Naming): Model {
  return resolveDefault(naming).model;
}

/** The configured default, which may carry suffixes, or the first listed model. */
export function resolveDefault(naming: Naming): Resolved {
  const configured = naming.default === undefined ? undefined : plain(naming.default);
  const current = configured === undefined ? undefined : bySuffix(configured, naming);
  if (current) return current;
  const { standIn = 'default', ...suffixes } = (configured && readRetired(configured)) || {};
  const [first] = offered(naming);
  const model = (standIn === 'smallest' ? smallestModel(naming) : undefined) ?? first;
  if (model) return { model, ...suffixes };
  throw new Failure('not_found', 'No model of the account is allowed here.', {
    code: 'model_not_found',
    param: 'model',
    advice: 'Widen `models.allowed`; `codexd models` lists what there is.',
  });
}

/** What model lists show: the listed models that are allowed. */
export function offered(naming: Pick<Naming, 'models' | 'allowed'>): Model[] {
  return usable(naming).filter(({ listed }) => listed);
}

/** What requests may name: hidden models too. */
export function usable({ models, allowed }: Pick<Naming, 'models' | 'allowed'>): Model[] {
  return models.filter(({ slug }) => isAllowed(slug, allowed));
}

function isAllowed(slug: string, allowed: readonly string[]): boolean {
  return allowed.length === 0 || allowed.some((glob) => matchesGlob(glob, slug));
}

function permitted(name: string, resolved: Resolved, naming: Naming): Resolved {
  if (isAllowed(resolved.model.slug, naming.allowed)) return resolved;
  throw notFound(name, naming);
}

/** Prefixes that routers and libraries put before a name, and endings that say nothing about the model. */
const prefix = /^(?:openai|codexd|chatgpt|anthropic|claude|ollama|library)\//;
const ending = /(?::latest|\[1m\]|-\d{8}|-\d{4}-\d{2}-\d{2})$/;

function plain(name: string): string {
  let text = name.trim().toLowerCase();
  while (prefix.test(text)) text = text.replace(prefix, '');
  while (ending.test(text)) text = text.replace(ending, '');
  return text;
}

function bySlug(name: string, { models }: Naming): Model | undefined {
  return models.find(({ slug }) => slug.toLowerCase() === name.toLowerCase());
}

function ownAlias(name: string, naming: Naming): Resolved | undefined {
  const own = Object.entries(naming.aliases);
  const exact = own.find(([alias]) => alias.toLowerCase() === name.toLowerCase());
  const entry = exact ?? own.find(([alias]) => matchesGlob(alias, name));
  return entry && aliasTarget(entry[0], entry[1], naming);
}

function byRetiredName(name: string, naming: Naming): Resolved | undefined {
  const retired = readRetired(name);
  if (!retired) return undefined;
  const { standIn, ...suffixes } = retired;
  return { ...standInModel(standIn, naming), ...suffixes };
}

/** Claude's small models mean the smallest, unless somebody chose one model for all. */
function byClaudeName(name: string, naming: Naming): Resolved | undefined {
  if (!/^claude(?:-|$)/.test(name)) return undefined;
  return standInModel(
    name.includes('haiku') && naming.default === undefined ? 'smallest' : 'default',
    naming,
  );
}

function standInModel(standIn: StandIn, naming: Naming): Resolved {
  const small = standIn === 'smallest' ? smallestModel(naming) : undefined;
  return small ? { model: small } : resolveDefault(naming);
}

/** The newest of the small models, for titles and the like; undefined if the account has none. */
export function smallestModel(naming: Pick<Naming, 'models' | 'allowed'>): Model | undefined {
  const small = offered(naming).filter(({ slug }) => isSmall(slug));
  return small.toSorted((a, b) => generationOf(b) - generationOf(a))[0];
}

function generationOf({ slug }: Model): number {
  return Number(/\d+(?:\.\d+)?/.exec(slug)?.[0] ?? 0);
}

function override(name: string, naming: Naming): Resolved {
  const resolved = lookUp(name, { ...naming, aliases: {} });
  if (resolved) return resolved;
  throw new Failure('not_found', `The model \`${name}\` of \`models.override\` does not exist.`, {
    code: 'model_not_found',
    param: 'model',
    advice: 'Correct the setting; `codexd models` lists the models of the account.',
  });
}

/** A target is a slug, with suffixes if need be; never another alias, so that there are no circles. */
function aliasTarget(alias: string, target: string, naming: Naming): Resolved {
  if (target === 'default') return resolveDefault(naming);
  const resolved = bySuffix(plain(target), naming) ?? byRetiredName(plain(target), naming);
  if (resolved) return resolved;
  throw new Failure(
    'not_found',
    `The alias \`${alias}\` means \`${target}\`, which the account does not have.`,
    {
      code: 'model_not_found',
      param: 'model',
      advice: 'Correct `models.aliases`; `codexd models` lists what there is.',
    },
  );
}

/** A slug and what stands behind it, the longest slug first: `gpt-5.4-mini-high` is the mini at high. */
function bySuffix(name: string, naming: Naming): Resolved | undefined {
  const longestFirst = naming.models.toSorted((a, b) => b.slug.length - a.slug.length);
  for (const model of longestFirst) {
    if (!name.startsWith(model.slug.toLowerCase())) continue;
    const named = readSuffixes(name.slice(model.slug.length));
    if (named) return { model, ...named };
  }
  return undefined;
}

function beginsWithSlug(name: string, { models }: Naming): boolean {
  return models.some(
    ({ slug }) => name.startsWith(slug.toLowerCase()) && '-:('.includes(name[slug.length] ?? ' '),
  );
}

function notFound(name: string, naming: Naming): Failure {
  const quoted = clip(name, 100);
  return new Failure('not_found', `The model \`${quoted}\` does not exist or you do not have access to it.`, {
    code: 'model_not_found',
    advice: `Use one of ${offered(naming)
      .map(({ slug }) => slug)
      .join(', ')}.`,
  });
}
