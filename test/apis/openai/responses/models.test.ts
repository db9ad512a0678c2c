// The model list in the formats that clients expect.
import { describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { openaiFailure } from '../../../../src/apis/openai/errors.ts';
import { codexModels, modelList, modelNotFound, modelObject } from '../../../../src/apis/openai/models.ts';
import { bundledEntries } from '../../../../src/models/bundle.ts';
import { readModels } from '../../../../src/models/model.ts';

const models = readModels(bundledEntries);
const sol = models.find(({ slug }) => slug === 'gpt-6.1-sol')!;

function reader(answer: Response): OpenAI {
  return new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: async () => answer });
}

describe('E models', () => {
  test('one model has the required keys, and the window under the names of three conventions', () => {
    expect(modelObject(sol)).toEqual({
      id: 'gpt-6.1-sol',
      object: 'model',
      created: expect.any(Number),
      owned_by: 'openai',
      context_length: 500000,
      max_model_len: 500000,
      metadata: { context_window: 500000, input_context_window: 500000 },
    });
  });

  test('created is one integer, call after call', () => {
    const dates = new Set(
      [...modelList(models).data, ...modelList(models).data].map((model) => model.created),
    );
    expect(dates.size).toBe(1);
    expect([...dates].every(Number.isInteger)).toBe(true);
  });

  test('the order is the one given, and openai-node reads it', async () => {
    const listed = await reader(Response.json(modelList(models))).models.list();
    expect(listed.data.map(({ id }) => id)).toEqual(models.map(({ slug }) => slug));
  });

  test('openai/codex#37393: the CLI finds every key of its catalogue beside the list', () => {
    const { object, data, models: entries } = codexModels(models);
    expect(object).toBe('list');
    expect(data).toEqual(modelList(models.filter(({ listed }) => listed)).data);
    expect(entries).toEqual(models.map(({ entry }) => entry));
    expect(entries.map(({ slug }) => slug)).toContain('codex-auto-review');
    expect(entries[0]).toContainKeys([
      'slug',
      'display_name',
      'supported_reasoning_levels',
      'visibility',
      'priority',
    ]);
  });

  test('an unknown model is 404 with the words and the code that clients look for', async () => {
    const { status, body } = openaiFailure(modelNotFound('gpt-nope'));
    expect(body).toMatchObject({
      error: { type: 'invalid_request_error', param: null, code: 'model_not_found' },
    });
    const thrown = await reader(Response.json(body, { status }))
      .models.retrieve('gpt-nope')
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(OpenAI.NotFoundError);
    expect((thrown as Error).message).toContain(
      'The model `gpt-nope` does not exist or you do not have access to it.',
    );
  });
});
