// One model of the catalogue: what codexd reads of an entry (reference/upstream-codex.md 10.1), and the entry itself.
import { Failure } from '../failure.ts';

export interface Model {
  slug: string;
  displayName: string;
  description: string;
  /** Offered in lists; the others work when named. */
  listed: boolean;
  /** Ascending; the lowest listed one is the default model. */
  priority: number;
  contextWindow: number;
  /** The most a user may raise the window to. */
  maxContextWindow: number;
  autoCompactTokenLimit: number | undefined;
  defaultEffort: string | undefined;
  /** What `ultra` is sent as. */
  multiAgentEffort?: string | undefined;
  /** In the upstream's order, low to high; empty when the entry names none. */
  efforts: string[];
  supportsReasoningSummary: boolean;
  supportsVerbosity: boolean;
  usesResponsesLite: boolean;
  inputModalities: string[];
  serviceTiers: string[];
  /** As the upstream sent it, for clients that want its own shape. */
  entry: Readonly<Record<string, unknown>>;
}

/** What the CLI takes when an entry has no window. */
const usualContextWindow = 272_000;

/** The models of `entries`, by priority. An entry without a slug is left out; a list without any is a broken answer. */
export function readModels(entries: unknown): Model[] {
  const models = (Array.isArray(entries) ? entries : []).flatMap((entry) => readModel(entry) ?? []);
  if (models.length > 0) return models.sort((a, b) => a.priority - b.priority);
  throw new Failure('upstream_broke', 'The model catalogue names no models.', { code: 'bad_catalog' });
}

/** A model that the list lacks and a Codex client names: nothing is known of it, so nothing is taken from the request. */
export function unlistedModel(slug: string): Model {
  const tiers = [{ id: 'priority' }];
  return readModel({ slug, visibility: 'hide', support_verbosity: true, service_tiers: tiers })!;
}

function readModel(entry: unknown): Model | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const fields = entry as Record<string, unknown>;
  const { slug } = fields;
  if (typeof slug !== 'string' || slug === '') return undefined;
  const contextWindow = positive(fields.context_window) ?? usualContextWindow;
  return {
    slug,
    displayName: text(fields.display_name) ?? slug,
    description: text(fields.description) ?? '',
    listed: fields.visibility === undefined || fields.visibility === 'list',
    priority: typeof fields.priority === 'number' ? fields.priority : Number.MAX_SAFE_INTEGER,
    contextWindow,
    maxContextWindow: positive(fields.max_context_window) ?? contextWindow,
    autoCompactTokenLimit: positive(fields.auto_compact_token_limit),
    defaultEffort: text(fields.default_reasoning_level),
    multiAgentEffort: text(fields.multi_agent_reasoning_effort),
    efforts: named(fields.supported_reasoning_levels, 'effort'),
    supportsReasoningSummary: fields.supports_reasoning_summary_parameter !== false,
    supportsVerbosity: fields.support_verbosity === true,
    usesResponsesLite: fields.use_responses_lite === true,
    inputModalities: texts(fields.input_modalities) ?? ['text', 'image'],
    serviceTiers: named(fields.service_tiers, 'id'),
    entry: fields,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
}

/** The names in a list of objects, e.g. the `effort` of each level. */
function named(list: unknown, key: string): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one) => text((one as Record<string, unknown> | null)?.[key]) ?? []);
}
