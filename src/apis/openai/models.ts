// GET /v1/models and /v1/models/{id} in OpenAI's format and in the Codex CLI's (docs/wire/openai.md#models).
import { Failure } from '../../failure.ts';
import type { Model } from '../../models/model.ts';

type Listed = Pick<Model, 'slug' | 'contextWindow' | 'entry' | 'listed'>;

export interface ModelObject {
  id: string;
  object: 'model';
  created: number;
  owned_by: string;
  /** OpenRouter's name for the context window. */
  context_length: number;
  /** vLLM's name for it. */
  max_model_len: number;
  /** codex-lb's names for it. */
  metadata: { context_window: number; input_context_window: number };
}

/** Constant, as clients expect; the catalogue has no dates. */
export const created = Date.UTC(2026, 10, 20) / 1000;

export function modelObject({ slug, contextWindow }: Pick<Listed, 'slug' | 'contextWindow'>): ModelObject {
  return {
    id: slug,
    object: 'model',
    created,
    owned_by: 'openai',
    context_length: contextWindow,
    max_model_len: contextWindow,
    metadata: { context_window: contextWindow, input_context_window: contextWindow },
  };
}

/** In the catalogue's order: some clients use the first model by default. */
export function modelList(models: readonly Listed[]): { object: 'list'; data: ModelObject[] } {
  return { object: 'list', data: models.map(modelObject) };
}

/**
 * For `?client_version=`. The Codex CLI requires `models` (openai/codex#37393), and would warn about models that it uses if
 * hidden ones were missing.
 */
export function codexModels(models: readonly Listed[]) {
  return { ...modelList(models.filter(({ listed }) => listed)), models: models.map(({ entry }) => entry) };
}

/** Clients look for the code or the words "does not exist". */
export function modelNotFound(id: string): Failure {
  return new Failure('not_found', `The model \`${id}\` does not exist or you do not have access to it.`, {
    code: 'model_not_found',
    advice: '`GET /v1/models` lists the available models.',
  });
}

/** For /v1/models/metadata: the list with the catalogue's description of each model. Unknown facts are omitted. */
export function modelMetadata(models: readonly Model[]) {
  return { object: 'list', data: models.map(metadataObject) };
}

function metadataObject(model: Model) {
  return {
    ...modelObject(model),
    display_name: model.displayName,
    description: model.description || undefined,
    max_context_window: model.maxContextWindow,
    input_modalities: model.inputModalities,
    reasoning_efforts: model.efforts,
    default_reasoning_effort: model.defaultEffort,
    service_tiers: model.serviceTiers,
    capabilities: {
      vision: model.inputModalities.includes('image'),
      reasoning_summary: model.supportsReasoningSummary,
      verbosity: model.supportsVerbosity,
      image_generation: !model.usesResponsesLite,
    },
  };
}
