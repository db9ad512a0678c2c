// Failures and models in Ollama's format (docs/wire/ollama.md#models, #errors).
import { describe, expect, test } from 'bun:test';
import { modelNotFound, ollamaFailure } from '../../../src/apis/ollama/errors.ts';
import { apiVersion, listedModels, loadedModels, modelDetails } from '../../../src/apis/ollama/models.ts';
import { Failure, type FailureKind } from '../../../src/failure.ts';

const rows: [string, Failure, number, string][] = [
  ['no body', new Failure('invalid_request', 'None.', { code: 'missing_body' }), 400, 'missing request body'],
  ['a bad field', new Failure('invalid_request', 'x must be y'), 400, 'x must be y'],
  ['a wrong key', new Failure('bad_api_key', 'No.'), 401, 'unauthorized: '],
  ['no login', new Failure('login_required', 'None.'), 503, 'codexd is not logged in; run: codexd login'],
  ['an unknown model', modelNotFound('foo'), 404, "model 'foo' not found"],
  [
    'a model the plan has not',
    new Failure('not_found', 'The model `a/b` does not exist or you do not have access to it.', {
      code: 'model_not_found',
    }),
    404,
    "model 'a/b' not found",
  ],
  [
    'an overflow',
    new Failure('invalid_request', 'Too long.', {
      code: 'context_length_exceeded',
      details: { context_window: 272_000 },
    }),
    400,
    'the input length exceeds the context length of 272000 tokens',
  ],
  [
    'a used-up plan',
    new Failure('rate_limited', 'Used up.', {
      details: { resets_at: 1_795_187_761 },
      retryAfterMs: 2_280_000,
    }),
    429,
    'Used up. It resets at 15:16 (in 38 min).',
  ],
  ['overload', new Failure('unavailable', 'Full.'), 503, 'server busy, please try again. Full.'],
];
test.each(rows)('%s', (_, failure, status, begins) => {
  const answer = ollamaFailure(failure);
  expect(answer.status).toBe(status);
  expect((answer.body as { error: string }).error).toStartWith(begins);
});

const kinds: FailureKind[] = [
  'forbidden',
  'too_large',
  'upstream_refused',
  'upstream_unreachable',
  'timeout',
  'bug',
];
test.each(kinds)('%s is one text', (kind) => {
  expect(ollamaFailure(new Failure(kind, 'Words.')).body).toEqual({
    error: expect.stringContaining('Words.'),
  });
});

test('retry-after is whole seconds', () => {
  const failure = new Failure('rate_limited', 'Wait.', { retryAfterMs: 1200 });
  expect(ollamaFailure(failure).headers).toEqual({ 'retry-after': '2' });
});

describe('models', () => {
  const model = {
    slug: 'gpt-6-sol',
    displayName: 'GPT-6 Sol',
    contextWindow: 272_000,
    efforts: ['low', 'high'],
    inputModalities: ['text', 'image'],
    entry: { slug: 'gpt-6-sol' },
  };
  const plain = { ...model, slug: 'gpt-6-text', efforts: [], inputModalities: ['text'], entry: {} };

  test('the list has names with :latest, and digests that differ', () => {
    const models = listedModels([model, plain]);
    expect(models.map(({ name, model }) => [name, model])).toEqual([
      ['gpt-6-sol:latest', 'gpt-6-sol:latest'],
      ['gpt-6-text:latest', 'gpt-6-text:latest'],
    ]);
    expect(new Set(models.map(({ digest }) => digest)).size).toBe(2);
    for (const each of models) {
      expect(each).toMatchObject({ size: 0, modified_at: expect.stringMatching(/Z$/) });
      expect(each.digest).toMatch(/^[0-9a-f]{64}$/);
      for (const key of ['format', 'family', 'parameter_size', 'quantization_level'] as const) {
        expect(typeof each.details[key]).toBe('string');
      }
    }
  });

  test('a loaded model has the digest of its entry in the list, and says until when', () => {
    const untilMs = Date.parse('2026-11-20T10:05:00Z');
    const loaded = loadedModels([model, plain], ({ slug }) => (slug === plain.slug ? untilMs : undefined));
    expect(loaded).toEqual([
      {
        name: 'gpt-6-text:latest',
        model: 'gpt-6-text:latest',
        size: 0,
        digest: listedModels([plain])[0]!.digest,
        details: expect.objectContaining({ format: 'remote', family: 'gpt' }),
        expires_at: '2026-11-20T10:05:00.000Z',
        size_vram: 0,
        context_length: 272_000,
      },
    ]);
  });

  test('capabilities and the window of the catalogue', () => {
    const details = modelDetails(model);
    expect(details.capabilities).toEqual(['completion', 'tools', 'vision', 'thinking']);
    expect(modelDetails(plain).capabilities).toEqual(['completion', 'tools']);
    const architecture = details.model_info['general.architecture'];
    expect(details.model_info[`${architecture}.context_length`]).toBe(272_000);
    expect(details.model_info['general.basename']).toBe('GPT-6 Sol');
  });

  test('Continue reads the parameters, and finds no way to fill in the middle (docs/wire/ollama.md#suffix)', () => {
    const { parameters, template } = modelDetails(model);
    expect(parameters.split(/\s+/)).toEqual(['num_ctx', '272000']);
    expect(template).not.toContain('.Suffix');
  });

  test('the version is numbers, and new enough', () => {
    const [major = 0, minor = 0] = apiVersion.split('.').map(Number);
    expect(apiVersion).toMatch(/^\d+\.\d+\.\d+$/);
    expect(major > 0 || minor > 6).toBe(true);
  });
});
