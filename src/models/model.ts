// A model of the catalogue: the fields that codexd uses (docs/wire/upstream.md#model-entry), and the original entry.
import { isObject, nonEmptyString } from '../base/object.ts';
import { Failure } from '../failure.ts';

export interface Model {
  slug: string;
  displayName: string;
  description: string;
  /** Whether lists show it. Hidden models work too, if requested. */
  listed: boolean;
  /** Lower comes first; the first listed model is the default. */
  priority: number;
  contextWindow: number;
  /** The largest context window that a user may configure. */
  maxContextWindow: number;
  autoCompactTokenLimit: number | undefined;
  defaultEffort: string | undefined;
  /** The effort sent for `ultra`. */
  multiAgentEffort?: string | undefined;
  /** From low to high, in the upstream's order; empty if the entry lists none. */
  efforts: string[];
  supportsReasoningSummary: boolean;
  supportsVerbosity: boolean;
  usesResponsesLite: boolean;
  inputModalities: string[];
  serviceTiers: string[];
  /** The entry as received, for clients that expect the upstream's format. */
  entry: Readonly<Record<string, unknown>>;
}

/** The Codex CLI's default for an entry without a context window. */
const defaultContextWindow = 272_000;

/** The models of `entries`, by priority. Entries without a slug are skipped. Throws `bad_catalog` if none is left. */
export function readModels(entries: unknown): Model[] {
  const models = (Array.isArray(entries) ? entries : []).flatMap((entry) => readModel(entry) ?? []);
  if (models.length > 0) return models.sort((a, b) => a.priority - b.priority);
  throw new Failure('upstream_broke', 'The model catalogue contains no models.', { code: 'bad_catalog' });
}

/** A model that a Codex client requests but the list lacks. Nothing is known about it, so no option is removed from the request. */
export function unlistedModel(slug: string): Model {
  const tiers = [{ id: 'priority' }];
  return readModel({ slug, visibility: 'hide', support_verbosity: true, service_tiers: tiers })!;
}

function readModel(fields: unknown): Model | undefined {
  if (!isObject(fields)) return undefined;
  const slug = nonEmptyString(fields.slug);
  if (slug === undefined) return undefined;
  const contextWindow = positive(fields.context_window) ?? defaultContextWindow;
  return {
    slug,
    displayName: nonEmptyString(fields.display_name) ?? slug,
    description: nonEmptyString(fields.description) ?? '',
    listed: fields.visibility === undefined || fields.visibility === 'list',
    priority: typeof fields.priority === 'number' ? fields.priority : Number.MAX_SAFE_INTEGER,
    contextWindow,
    maxContextWindow: positive(fields.max_context_window) ?? contextWindow,
    autoCompactTokenLimit: positive(fields.auto_compact_token_limit),
    defaultEffort: nonEmptyString(fields.default_reasoning_level),
    multiAgentEffort: nonEmptyString(fields.multi_agent_reasoning_effort),
    efforts: namesIn(fields.supported_reasoning_levels, 'effort'),
    supportsReasoningSummary: fields.supports_reasoning_summary_parameter !== false,
    supportsVerbosity: fields.support_verbosity === true,
    usesResponsesLite: fields.use_responses_lite === true,
    inputModalities: stringList(fields.input_modalities) ?? ['text', 'image'],
    serviceTiers: namesIn(fields.service_tiers, 'id'),
    entry: fields,
  };
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function stringList(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
}

/** The strings under `key` in a list of objects, e.g. the `effort` of each level. */
function namesIn(list: unknown, key: string): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one) => nonEmptyString((one as Record<string, unknown> | null)?.[key]) ?? []);
}
