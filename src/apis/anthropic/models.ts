// GET /v1/models and /v1/models/{id} in Anthropic's format.
import { Failure } from '../../failure.ts';
import type { Model } from '../../models/model.ts';
import { invalid, quoted } from './check.ts';

type Listed = Pick<Model, 'slug' | 'displayName' | 'contextWindow'>;

export interface ModelObject {
  type: 'model';
  id: string;
  display_name: string;
  created_at: string;
  max_input_tokens: number;
  max_tokens: number;
  capabilities: null;
  lifecycle: 'active';
  line: null;
  deprecated_at: null;
  retires_at: null;
}

export interface ModelPage {
  data: ModelObject[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** Required, but the catalogue has no dates. */
const created_at = '2026-01-01T00:00:00Z';
/** Claude Code's value for large models; the upstream reports no limit. */
export const maxOutputTokens = 128_000;

export function modelObject({ slug, displayName, contextWindow }: Listed): ModelObject {
  return {
    type: 'model',
    id: slug,
    display_name: displayName,
    created_at,
    max_input_tokens: contextWindow,
    max_tokens: maxOutputTokens,
    capabilities: null,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
  };
}

/** Under names that Claude Code lists (docs/wire/anthropic.md#model-discovery), and that are not `claude-*`, a common alias. */
export function discoverableModels(models: readonly Listed[]): Listed[] {
  return models.map((model) => ({ ...model, slug: `anthropic-${model.slug}` }));
}

/** One page in the catalogue's order, without the models that the cursors name. */
export function modelPage(models: readonly Listed[], query: URLSearchParams): ModelPage {
  const lifecycle = query.get('lifecycle');
  const all = lifecycle === null || lifecycle === 'active' ? models : [];
  const limit = limitOf(query.get('limit'));
  const after = cursor(all, query, 'after_id');
  const before = cursor(all, query, 'before_id');
  const end = before ?? all.length;
  const begin = after === undefined ? 0 : after + 1;
  const backwards = before !== undefined && after === undefined;
  const from = backwards ? Math.max(begin, end - limit) : begin;
  const data = all.slice(from, Math.min(from + limit, end)).map(modelObject);
  return {
    data,
    has_more: backwards ? from > 0 : from + limit < end,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

function limitOf(value: string | null): number {
  const limit = value === null ? 20 : Number(value);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw invalid('limit', 'Input should be an integer from 1 to 1000');
}

function cursor(models: readonly Listed[], query: URLSearchParams, name: string): number | undefined {
  const id = query.get(name);
  if (id === null) return undefined;
  const index = models.findIndex(({ slug }) => slug === id);
  if (index !== -1) return index;
  throw invalid(name, `The list does not contain \`${quoted(id)}\``);
}

/** Claude Code finds the name after `model: ` and says that the model is not available. */
export function modelNotFound(id: string): Failure {
  return new Failure('not_found', quoted(id), {
    code: 'model_not_found',
    param: 'model',
    advice: '`GET /v1/models` lists the available models.',
  });
}
