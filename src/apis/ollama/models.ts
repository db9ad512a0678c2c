// Models in Ollama's format (docs/wire/ollama.md#models): the lists, and a model's details.
import { sha256 } from '../../base/sha256.ts';
import type { Model } from '../../models/model.ts';

type Listed = Pick<Model, 'slug' | 'displayName' | 'contextWindow' | 'efforts' | 'inputModalities' | 'entry'>;

/** The version of Ollama's API. Digits and dots only: clients compare it as numbers (docs/wire/ollama.md#version). */
export const apiVersion = '0.33.0';

/** Required, but the catalogue has no dates. */
const modified_at = '2026-01-01T00:00:00Z';

/** Strings only: Zed rejects anything else. */
const details = {
  parent_model: '',
  format: 'remote',
  family: 'gpt',
  families: ['gpt'],
  parameter_size: '',
  quantization_level: '',
};

/** The entries of /api/tags. */
export function listedModels(models: readonly Listed[]) {
  return models.map((model) => ({
    ...identity(model),
    modified_at,
    details: { ...details, context_length: model.contextWindow },
    capabilities: capabilities(model),
  }));
}

/** The entries of /api/ps: the models with a known expiry. */
export function loadedModels<M extends Listed>(
  models: readonly M[],
  expiryMs: (model: M) => number | undefined,
) {
  return models.flatMap((model) => {
    const untilMs = expiryMs(model);
    if (untilMs === undefined) return [];
    return {
      ...identity(model),
      details,
      expires_at: new Date(untilMs).toISOString(),
      size_vram: 0,
      context_length: model.contextWindow,
    };
  });
}

/** With `:latest`: Open WebUI looks names up in that form only (docs/wire/ollama.md#latest). */
function identity({ slug, entry }: Listed) {
  const name = `${slug}:latest`;
  return { name, model: name, size: 0, digest: sha256(JSON.stringify([slug, entry])) };
}

export function modelDetails(model: Listed) {
  const { slug, displayName, contextWindow } = model;
  return {
    modelfile: `# served by codexd from a remote model\nFROM ${slug}\n`,
    parameters: `num_ctx                        ${contextWindow}`,
    template: '{{ .Prompt }}',
    system: '',
    license: '',
    details,
    model_info: {
      'general.architecture': details.family,
      'general.basename': displayName,
      'general.parameter_count': 0,
      [`${details.family}.context_length`]: contextWindow,
      [`${details.family}.embedding_length`]: 0,
    },
    capabilities: capabilities(model),
    modified_at,
  };
}

/** Clients offer tools, images and thinking according to these (docs/wire/ollama.md#capabilities). */
function capabilities({ inputModalities, efforts }: Listed): string[] {
  return [
    'completion',
    'tools',
    ...(inputModalities.includes('image') ? ['vision'] : []),
    ...(efforts.length > 0 ? ['thinking'] : []),
  ];
}
