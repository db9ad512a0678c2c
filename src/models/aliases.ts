// Resolves the model names that clients use to models of the account, by the same rules on every route.
import { clip } from '../base/clip.ts';
import { Failure } from '../failure.ts';
import { isOtherFamily } from './families.ts';
import { matchesGlob } from './glob.ts';
import type { Model } from './model.ts';
import { isSmallModel, parseRetiredName, type Substitute } from './retired.ts';
import { parseSuffixes, type Suffixes } from './suffixes.ts';

export interface Naming {
  models: readonly Model[];
  /** The etag of the upstream's catalogue, which Codex clients compare with the one in the headers of turns. */
  etag?: string | undefined;
  /** Names or globs, and the model each maps to; `default` is the default model. */
  aliases: Readonly<Record<string, string>>;
  /** Globs of the slugs that clients may use; empty allows all. */
  allowed: readonly string[];
  /** The configured default; if unset or no longer in the catalogue, the first listed model is the default. */
  default: string | undefined;
  /** The model for every request, whatever model it names. */
  override?: string | undefined;
  /** How OpenAI and Anthropic routes treat unknown names: 404, or the default model. */
  unknown: 'error' | 'default';
}

/**
 * Combines the configured names and limits with the catalogue's models. A configured context window is capped at the model's
 * maximum.
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

/** How an API answers unknown names: strictly with an error, or leniently by the default model, as Ollama's clients need. */
export type ModelNaming = 'strict' | 'lenient';

export interface Resolved extends Suffixes {
  model: Model;
}

/** The model for `name`. Throws `not_found` if the name is unknown and the default model does not replace it. */
export function resolve(name: string, naming: Naming, style: ModelNaming): Resolved {
  const known =
    naming.override === undefined ? resolveKnown(name, naming) : resolveOverride(naming.override, naming);
  if (known) return requireAllowed(name, known, naming);
  if (!fallsBackToDefault(name, naming, style)) throw modelNotFound(name, naming);
  return requireAllowed(name, resolveDefault(naming), naming);
}

/** The model for a slug, an alias, a retired name or a Claude model; undefined for any other name. */
function resolveKnown(name: string, naming: Naming): Resolved | undefined {
  const plainName = normalizeName(name);
  for (const candidate of new Set([name, plainName])) {
    const model = bySlug(candidate, naming);
    if (model) return { model };
    const target = byConfiguredAlias(candidate, naming);
    if (target) return target;
  }
  return (
    bySuffix(plainName, naming) ??
    bySuffix(withoutVendor(plainName), naming) ??
    byRetiredName(plainName, naming) ??
    byClaudeName(plainName, naming)
  );
}

/** Whether the name stands for a model of the account, rather than an unknown one that the default model stands in for. */
export function isAccountModel(name: string, naming: Naming): boolean {
  try {
    return resolveKnown(name, naming) !== undefined;
  } catch {
    return false; // an alias of a model that the account does not have
  }
}

/** Whether the default model stands in for an unknown name; never for a known slug with an unknown suffix. */
function fallsBackToDefault(name: string, naming: Naming, style: ModelNaming): boolean {
  if (naming.unknown === 'default') return true;
  const plainName = normalizeName(name);
  return !startsWithSlug(plainName, naming) && (style === 'lenient' || isOtherFamily(plainName));
}

/** The default model, without its configured suffixes. */
export function defaultModel(naming: Naming): Model {
  return resolveDefault(naming).model;
}

/** The configured default with its suffixes, or the first listed model. */
export function resolveDefault(naming: Naming): Resolved {
  const configured = naming.default === undefined ? undefined : normalizeName(naming.default);
  const current = configured === undefined ? undefined : bySuffix(configured, naming);
  if (current) return current;
  const { substitute = 'default', ...suffixes } = (configured && parseRetiredName(configured)) || {};
  const [first] = visibleModels(naming);
  const model = (substitute === 'smallest' ? smallestModel(naming) : undefined) ?? first;
  if (model) return { model, ...suffixes };
  throw new Failure('not_found', "`models.allowed` allows none of the account's models.", {
    code: 'model_not_found',
    param: 'model',
    advice: 'Extend `models.allowed`; `codexd models` lists the available models.',
  });
}

/** The models that lists show: allowed and not hidden. */
export function visibleModels(naming: Pick<Naming, 'models' | 'allowed'>): Model[] {
  return allowedModels(naming).filter(({ listed }) => listed);
}

/** The models that requests may name, including hidden ones. */
export function allowedModels({ models, allowed }: Pick<Naming, 'models' | 'allowed'>): Model[] {
  return models.filter(({ slug }) => isAllowed(slug, allowed));
}

function isAllowed(slug: string, allowed: readonly string[]): boolean {
  return allowed.length === 0 || allowed.some((glob) => matchesGlob(glob, slug));
}

function requireAllowed(name: string, resolved: Resolved, naming: Naming): Resolved {
  if (isAllowed(resolved.model.slug, naming.allowed)) return resolved;
  throw modelNotFound(name, naming);
}

/** Prefixes that routers and libraries add to a name, and endings without meaning for the model. */
const prefix = /^(?:openai|codexd|chatgpt|anthropic|claude|ollama|library)\//;
const ending = /(?::latest|\[1m\]|-\d{8}|-\d{4}-\d{2}-\d{2})$/;

function normalizeName(name: string): string {
  let text = name.trim().toLowerCase();
  while (prefix.test(text)) text = text.replace(prefix, '');
  while (ending.test(text)) text = text.replace(ending, '');
  return text;
}

/** Claude Code lists only models with one of these in their names (docs/wire/anthropic.md#model-discovery). */
function withoutVendor(name: string): string {
  return name.replace(/^(?:claude|anthropic)-/, '');
}

function bySlug(name: string, { models }: Naming): Model | undefined {
  return models.find(({ slug }) => slug.toLowerCase() === name.toLowerCase());
}

function byConfiguredAlias(name: string, naming: Naming): Resolved | undefined {
  const own = Object.entries(naming.aliases);
  const exact = own.find(([alias]) => alias.toLowerCase() === name.toLowerCase());
  const entry = exact ?? own.find(([alias]) => matchesGlob(alias, name));
  return entry && resolveAliasTarget(entry[0], entry[1], naming);
}

function byRetiredName(name: string, naming: Naming): Resolved | undefined {
  const retired = parseRetiredName(name);
  if (!retired) return undefined;
  const { substitute, ...suffixes } = retired;
  return { ...substituteModel(substitute, naming), ...suffixes };
}

/** Claude's small models map to the smallest model, unless a default model is configured. */
function byClaudeName(name: string, naming: Naming): Resolved | undefined {
  if (!/^claude(?:-|$)/.test(name)) return undefined;
  return substituteModel(
    name.includes('haiku') && naming.default === undefined ? 'smallest' : 'default',
    naming,
  );
}

function substituteModel(substitute: Substitute, naming: Naming): Resolved {
  const small = substitute === 'smallest' ? smallestModel(naming) : undefined;
  return small ? { model: small } : resolveDefault(naming);
}

/** The newest small model, for titles and the like; undefined if the account has none. */
export function smallestModel(naming: Pick<Naming, 'models' | 'allowed'>): Model | undefined {
  const small = visibleModels(naming).filter(({ slug }) => isSmallModel(slug));
  return small.toSorted((a, b) => generationOf(b) - generationOf(a))[0];
}

function generationOf({ slug }: Model): number {
  return Number(/\d+(?:\.\d+)?/.exec(slug)?.[0] ?? 0);
}

function resolveOverride(name: string, naming: Naming): Resolved {
  const resolved = resolveKnown(name, { ...naming, aliases: {} });
  if (resolved) return resolved;
  throw new Failure('not_found', `The model \`${name}\` in \`models.override\` does not exist.`, {
    code: 'model_not_found',
    param: 'model',
    advice: 'Correct the setting; `codexd models` lists the available models.',
  });
}

/** A target is a slug, possibly with suffixes, or `default`, but never another alias, so that aliases cannot form a cycle. */
function resolveAliasTarget(alias: string, target: string, naming: Naming): Resolved {
  if (target === 'default') return resolveDefault(naming);
  const resolved = bySuffix(normalizeName(target), naming) ?? byRetiredName(normalizeName(target), naming);
  if (resolved) return resolved;
  throw new Failure(
    'not_found',
    `The alias \`${alias}\` maps to \`${target}\`, which the account does not have.`,
    {
      code: 'model_not_found',
      param: 'model',
      advice: 'Correct `models.aliases`; `codexd models` lists the available models.',
    },
  );
}

/** A slug with suffixes. The longest slug is tried first: `gpt-5.4-mini-high` is `gpt-5.4-mini` at high effort. */
function bySuffix(name: string, naming: Naming): Resolved | undefined {
  const longestFirst = naming.models.toSorted((a, b) => b.slug.length - a.slug.length);
  for (const model of longestFirst) {
    if (!name.startsWith(model.slug.toLowerCase())) continue;
    const suffixes = parseSuffixes(name.slice(model.slug.length));
    if (suffixes) return { model, ...suffixes };
  }
  return undefined;
}

function startsWithSlug(name: string, { models }: Naming): boolean {
  return models.some(
    ({ slug }) => name.startsWith(slug.toLowerCase()) && '-:('.includes(name[slug.length] ?? ' '),
  );
}

function modelNotFound(name: string, naming: Naming): Failure {
  const quoted = clip(name, 100);
  return new Failure('not_found', `The model \`${quoted}\` does not exist or you do not have access to it.`, {
    code: 'model_not_found',
    advice: `Use one of ${visibleModels(naming)
      .map(({ slug }) => slug)
      .join(', ')}.`,
  });
}
