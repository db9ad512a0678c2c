// What clients call a model, and what the upstream calls it (product.md 7, reference/openai-api.md A.10).
import { Failure } from '../failure.ts';
import { matchesGlob } from './glob.ts';
import type { Model } from './model.ts';

export interface Naming {
  models: readonly Model[];
  /** Names or globs, and the model each means; `default` is the default model. */
  aliases: Readonly<Record<string, string>>;
  /** Globs of the slugs that may be used; empty allows all. */
  allowed: readonly string[];
  /** The configured default; without one, or when the catalogue has it no more, the first listed model. */
  default: string | undefined;
  /** What an unknown name gets on the OpenAI routes. */
  unknown: 'error' | 'default';
}

/** The configured names over the catalogue's models; a context window of the user's own goes up to the model's largest. */
export function namingOf(
  settings: Omit<Naming, 'models'> & { contextWindow: number | undefined },
  models: readonly Model[],
): Naming {
  const { contextWindow, aliases, allowed, unknown } = settings;
  const widened =
    contextWindow === undefined
      ? models
      : models.map((model) => ({
          ...model,
          contextWindow: Math.min(contextWindow, model.maxContextWindow),
        }));
  return { models: widened, aliases, allowed, default: settings.default, unknown };
}

export type ModelDialect = 'openai' | 'anthropic' | 'ollama';

export interface Resolved {
  model: Model;
  /** Named by a suffix of the name; a field of the request beats it. */
  effort?: string;
  serviceTier?: string;
}

/**
 * Names that clients have built in and nobody chose; the user's own table comes first. Where the catalogue has the
 * target no more, the default model stands in: a built-in name must not break when a model retires.
 */
const builtInAliases: Readonly<Record<string, string>> = {
  'claude-*haiku*': 'gpt-6-luna',
  'claude-*': 'default',
  'gpt-4*': 'default',
  'gpt-3.5*': 'default',
};

/** The model `name` means. Unknown names are 404 on the OpenAI routes and the default model on the others. */
export function resolve(name: string, naming: Naming, dialect: ModelDialect): Resolved {
  const resolved = find(name, naming);
  if (resolved) return permitted(name, resolved, naming);
  // A model of ours with a suffix of nobody's is a mistake, and never guessed at.
  const isMistake = dialect === 'openai' || beginsWithSlug(plain(name), naming);
  if (isMistake && naming.unknown === 'error') throw notFound(name, naming);
  return permitted(name, resolveDefault(naming), naming);
}

/** The model of requests that name none of ours. */
export function defaultModel(naming: Naming): Model {
  return resolveDefault(naming).model;
}

/** The configured default, which may carry suffixes, or the first listed model. */
export function resolveDefault(naming: Naming): Resolved {
  const configured = naming.default === undefined ? undefined : bySuffix(plain(naming.default), naming);
  if (configured) return configured;
  const [model] = offered(naming);
  if (model) return { model };
  throw new Failure('not_found', 'No model of the account is allowed here.', {
    code: 'model_not_found',
    param: 'model',
    next: 'Widen `models.allowed`; `codexd models` lists what there is.',
  });
}

/** What model lists show: the listed models that are allowed. */
export function offered({ models, allowed }: Pick<Naming, 'models' | 'allowed'>): Model[] {
  return models.filter(({ listed, slug }) => listed && isAllowed(slug, allowed));
}

function isAllowed(slug: string, allowed: readonly string[]): boolean {
  return allowed.length === 0 || allowed.some((glob) => matchesGlob(glob, slug));
}

function permitted(name: string, resolved: Resolved, naming: Naming): Resolved {
  if (isAllowed(resolved.model.slug, naming.allowed)) return resolved;
  throw notFound(name, naming);
}

function find(name: string, naming: Naming): Resolved | undefined {
  const plainName = plain(name);
  for (const candidate of new Set([name, plainName])) {
    const model = bySlug(candidate, naming);
    if (model) return { model };
    const target = ownAlias(candidate, naming);
    if (target) return target;
  }
  return bySuffix(plainName, naming) ?? builtInAlias(plainName, naming);
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

function builtInAlias(name: string, naming: Naming): Resolved | undefined {
  const target = Object.entries(builtInAliases).find(([glob]) => matchesGlob(glob, name))?.[1];
  if (target === undefined) return undefined;
  const model = bySlug(target, naming);
  return model ? { model } : resolveDefault(naming);
}

/** A target is a slug, with suffixes if need be; never another alias, so that there are no circles. */
function aliasTarget(alias: string, target: string, naming: Naming): Resolved {
  if (target === 'default') return resolveDefault(naming);
  const resolved = bySuffix(plain(target), naming);
  if (resolved) return resolved;
  throw new Failure(
    'not_found',
    `The alias \`${alias}\` means \`${target}\`, which the account does not have.`,
    {
      code: 'model_not_found',
      param: 'model',
      next: 'Correct `models.aliases`; `codexd models` lists what there is.',
    },
  );
}

type Suffix = { effort: string } | { serviceTier: string } | Record<string, never>;

/** Longest first where one is the beginning of another. */
const suffixes: readonly (readonly [string, Suffix])[] = [
  ['extra-high', { effort: 'xhigh' }],
  ['extra', { effort: 'xhigh' }],
  ...['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'].map(
    (effort) => [effort, { effort }] as const,
  ),
  ['fast', { serviceTier: 'priority' }],
  ['priority', { serviceTier: 'priority' }],
  ['thinking', {}],
  ['reasoning', {}],
];

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

/** `-high`, `:high`, `(high)`, `-high-fast`; undefined when anything is left over or an effort is named twice. */
function readSuffixes(text: string): Omit<Resolved, 'model'> | undefined {
  let rest = text.replace(/^\((.*)\)$/, '-$1').replaceAll(':', '-');
  const named: Omit<Resolved, 'model'> = {};
  while (rest !== '') {
    const found = suffixes.find(([word]) => rest === `-${word}` || rest.startsWith(`-${word}-`));
    if (!found) return undefined;
    const [word, meaning] = found;
    if ('effort' in meaning && named.effort !== undefined) return undefined;
    Object.assign(named, meaning);
    rest = rest.slice(word.length + 1);
  }
  return named;
}

function beginsWithSlug(name: string, { models }: Naming): boolean {
  return models.some(
    ({ slug }) => name.startsWith(slug.toLowerCase()) && '-:('.includes(name[slug.length] ?? ' '),
  );
}

function notFound(name: string, naming: Naming): Failure {
  const quoted = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  return new Failure('not_found', `The model \`${quoted}\` does not exist or you do not have access to it.`, {
    code: 'model_not_found',
    next: `Use one of ${offered(naming)
      .map(({ slug }) => slug)
      .join(', ')}.`,
  });
}
