import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import {
  defaultModel,
  type ModelNaming,
  type Naming,
  namingOf,
  resolve,
  visibleModels,
} from '../../src/models/aliases.ts';
import { readModels } from '../../src/models/model.ts';

function entry(slug: string, priority: number, visibility = 'list') {
  return { slug, priority, visibility, supported_reasoning_levels: [{ effort: 'low' }, { effort: 'high' }] };
}

const models = readModels([
  entry('gpt-6.1-sol', 1),
  entry('gpt-6-luna', 4),
  entry('gpt-5.4', 8),
  entry('gpt-5.4-mini', 9),
  entry('gpt-5.5', 13),
  entry('codex-auto-review', 43, 'hide'),
]);

function naming(changes: Partial<Naming> = {}): Naming {
  return { models, aliases: {}, allowed: [], default: undefined, unknown: 'error', ...changes };
}

function meaning(name: string, changes: Partial<Naming> = {}, style: ModelNaming = 'strict') {
  const { model, ...rest } = resolve(name, naming(changes), style);
  return [model.slug, ...Object.values(rest)].join(' ');
}

function refusal(name: string, changes: Partial<Naming> = {}, style: ModelNaming = 'strict'): Failure {
  try {
    resolve(name, naming(changes), style);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
  }
  throw new Error(`${name} was not rejected`);
}

describe('known names', () => {
  const rows: [string, string, string][] = [
    ['exact slug', 'gpt-5.5', 'gpt-5.5'],
    ['a hidden model', 'codex-auto-review', 'codex-auto-review'],
    ['any case', 'GPT-5.5', 'gpt-5.5'],
    ['provider prefix', 'openai/gpt-5.5', 'gpt-5.5'],
    ['two prefixes', 'codexd/openai/gpt-5.5', 'gpt-5.5'],
    ["Ollama's tag", 'gpt-5.5:latest', 'gpt-5.5'],
    ["Ollama's library", 'library/gpt-5.5:latest', 'gpt-5.5'],
    ["Claude Code's long context mark", 'gpt-6.1-sol[1m]', 'gpt-6.1-sol'],
    ['effort suffix', 'gpt-5.5-high', 'gpt-5.5 high'],
    ['effort as tag', 'gpt-5.5:high', 'gpt-5.5 high'],
    ['effort in parentheses', 'gpt-5.5(high)', 'gpt-5.5 high'],
    ['prefix and suffix', 'openai/gpt-5.5-low', 'gpt-5.5 low'],
    ['longest slug first', 'gpt-5.4-mini-high', 'gpt-5.4-mini high'],
    ['minimal is not mini', 'gpt-5.4-minimal', 'gpt-5.4 minimal'],
    ['tier', 'gpt-5.5-fast', 'gpt-5.5 priority'],
    ['tier by its own name', 'gpt-5.5-priority', 'gpt-5.5 priority'],
    ['effort of two words, and tier', 'gpt-5.5-extra-high-fast', 'gpt-5.5 xhigh priority'],
    ['extra alone', 'gpt-5.5-extra', 'gpt-5.5 xhigh'],
    ['words without meaning', 'gpt-5.5-thinking', 'gpt-5.5'],
    ['built-in names: Claude', 'claude-opus-5-5', 'gpt-6.1-sol'],
    ['built-in names: small Claude with a date', 'claude-haiku-4-5-20251001', 'gpt-6-luna'],
    ['a name that Claude Code lists', 'anthropic-gpt-6-luna', 'gpt-6-luna'],
    ['a name that Claude Code would list', 'claude-gpt-6-luna', 'gpt-6-luna'],
    ['built-in names with a prefix', 'anthropic/claude-sonnet-5', 'gpt-6.1-sol'],
  ];
  test.each(rows)('%s: %s', (_, name, expected) => {
    expect(meaning(name)).toBe(expected);
  });
});

describe('retired OpenAI names map to the nearest model of the account', () => {
  // The models of today's accounts, which no longer include the old small ones.
  const today = readModels([entry('gpt-6.2-sol', 1), entry('gpt-6-luna', 7), entry('gpt-5.6-luna', 10)]);
  const toDefault = [
    ...[
      'gpt-5.1',
      'gpt-5.1-codex',
      'gpt-5.1-codex-max',
      'gpt-5.2',
      'gpt-5.2-codex',
      'gpt-5.3-codex',
      'gpt-5.4',
    ],
    ...['gpt-5', 'gpt-5-codex', 'gpt-5-pro', 'gpt-5-chat-latest', 'gpt-5.5', 'gpt-4.1', 'gpt-4.5-preview'],
    ...['gpt-4', 'gpt-4-0613', 'gpt-4-1106-preview', 'gpt-4-turbo-2024-04-09', 'gpt-4o', 'chatgpt-4o-latest'],
    ...['gpt-3.5-turbo', 'gpt-3.5-turbo-16k', 'gpt-3.5-turbo-instruct', 'gpt-35-turbo', 'text-davinci-003'],
    ...['o1', 'o1-preview', 'o3', 'o3-pro', 'o3-deep-research', 'openai/gpt-5.1-codex', 'GPT-5.1:latest'],
  ];
  const toSmallest = [
    ...['gpt-5.1-codex-mini', 'gpt-5.3-codex-spark', 'gpt-5.4-mini', 'gpt-5-nano', 'gpt-4.1-nano'],
    ...['gpt-4o-mini', 'gpt-4o-mini-2024-07-18', 'o1-mini', 'o3-mini', 'o4-mini', 'codex-mini-latest'],
  ];
  for (const style of ['strict', 'lenient'] as const) {
    test.each(toDefault)(`%s is the default model (${style})`, (name) => {
      expect(meaning(name, { models: today }, style)).toBe('gpt-6.2-sol');
    });
    test.each(toSmallest)(`%s is the smallest model (${style})`, (name) => {
      expect(meaning(name, { models: today }, style)).toBe('gpt-6-luna');
    });
  }

  test.each([
    ['gpt-5.1-high', 'gpt-6.2-sol high'],
    ['gpt-5.1-codex-max-high', 'gpt-6.2-sol high'],
    ['gpt-5.4-mini:low', 'gpt-6-luna low'],
    ['o3-mini-high', 'gpt-6-luna high'],
    ['gpt-5.3-codex-spark-fast', 'gpt-6-luna priority'],
  ])('%s keeps its effort and tier: %s', (name, expected) => {
    expect(meaning(name, { models: today })).toBe(expected);
  });

  test.each([
    'gpt-5.1-foo',
    'gpt-4o-transcribe',
    'gpt-6',
    'gpt-9',
    'gpt-5.7',
    'o9',
    'gpt-5.5-mini',
    'codexx',
  ])('%s was never a chat model: 404', (name) => {
    for (const style of ['strict'] as const) {
      expect(refusal(name, { models: today }, style).code).toBe('model_not_found');
    }
  });

  test('a name that the account still has maps to itself', () => {
    expect(meaning('gpt-5.4-mini')).toBe('gpt-5.4-mini');
    expect(meaning('gpt-5.4-codex')).toBe('gpt-6.1-sol');
  });

  test('without a small model the default model stands in', () => {
    expect(meaning('gpt-4o-mini', { models: readModels([entry('gpt-7-sol', 1)]) })).toBe('gpt-7-sol');
  });

  test('the default is the configured one; the smallest is an allowed one', () => {
    expect(meaning('gpt-4', { default: 'gpt-5.5-high' })).toBe('gpt-5.5 high');
    expect(meaning('gpt-4o-mini', { allowed: ['gpt-5.*'] })).toBe('gpt-5.4-mini');
  });

  test('they may be targets of aliases and the configured default', () => {
    expect(meaning('mine', { models: today, aliases: { mine: 'gpt-5.4-mini-low' } })).toBe('gpt-6-luna low');
    expect(meaning('gpt-4', { models: today, default: 'gpt-5.4-mini' })).toBe('gpt-6-luna');
    expect(meaning('gpt-4', { models: today, default: 'gpt-5.1-high' })).toBe('gpt-6.2-sol high');
  });
});

describe('families of other vendors', () => {
  test.each([
    ...[
      'claude-sonnet-5',
      'gemini-2.5-pro',
      'google/gemini-2.5-flash',
      'llama2',
      'llama3.2:3b',
      'qwen2.5-coder',
    ],
    ...['meta-llama/Llama-3.3-70B-Instruct', 'hf.co/x/Mistral-7B-GGUF:Q4', 'deepseek-r1:8b', 'gpt-oss:20b'],
    ...['x-ai/grok-4', 'phi4', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ])('%s is the default model on every route', (name) => {
    for (const style of ['strict', 'lenient'] as const) {
      expect(meaning(name, {}, style)).toBe('gpt-6.1-sol');
    }
  });

  test.each(['philosophy', 'novavox', 'my-claude', 'yippie'])('%s is not one', (name) => {
    expect(refusal(name).code).toBe('model_not_found');
  });

  test('small Claude models map to the smallest model, unless a default is configured', () => {
    expect(meaning('claude-haiku-4-5')).toBe('gpt-6-luna');
    expect(meaning('claude-haiku-4-5', { default: 'gpt-5.5' }, 'strict')).toBe('gpt-5.5');
  });
});

describe('models.override', () => {
  test('every request gets that model, whatever it names', () => {
    for (const name of ['gpt-5.5', 'gpt-6-luna-high', 'claude-haiku-5', 'mystery']) {
      expect(meaning(name, { override: 'gpt-5.4-low' }, 'strict')).toBe('gpt-5.4 low');
    }
  });

  test('an override that does not exist is an error', () => {
    expect(refusal('gpt-5.5', { override: 'gpt-nope' }).message).toBe(
      'The model `gpt-nope` in `models.override` does not exist.',
    );
  });
});

describe('the user’s aliases', () => {
  const aliases = {
    'gpt-5.5-turbo': 'gpt-5.5',
    'sol*': 'gpt-6.1-sol',
    solo: 'gpt-6-luna-high',
    'claude-*': 'gpt-5.4',
    any: 'default',
    gone: 'gpt-3',
  };
  const rows: [string, string][] = [
    ['gpt-5.5-turbo', 'gpt-5.5'],
    ['solution', 'gpt-6.1-sol'],
    ['solo', 'gpt-6-luna high'],
    ['openai/solo', 'gpt-6-luna high'],
    ['claude-haiku-5', 'gpt-5.4'],
    ['any', 'gpt-6.1-sol'],
    ['gpt-5.5', 'gpt-5.5'],
  ];
  test.each(rows)('%s maps to %s: exact before glob before the built-in names', (name, expected) => {
    expect(meaning(name, { aliases })).toBe(expected);
  });

  test('a slug cannot be hidden by an alias', () => {
    expect(meaning('gpt-5.5', { aliases: { 'gpt-5.5': 'gpt-5.4', 'gpt*': 'gpt-5.4' } })).toBe('gpt-5.5');
  });

  test('an alias of a model that no longer exists is an error', () => {
    expect(refusal('gone', { aliases })).toMatchObject({
      kind: 'not_found',
      code: 'model_not_found',
      message: 'The alias `gone` maps to `gpt-3`, which the account does not have.',
    });
  });
});

describe('unknown names', () => {
  test("404 on the OpenAI routes, with OpenAI's message", () => {
    expect(refusal('gpt-nope')).toMatchObject({
      kind: 'not_found',
      status: 404,
      code: 'model_not_found',
      message: 'The model `gpt-nope` does not exist or you do not have access to it.',
    });
  });

  test('404 on the Anthropic routes too', () => {
    expect(refusal('nonsense-model', {}, 'strict').status).toBe(404);
  });

  test('the default model for Ollama, and everywhere if models.unknown says so', () => {
    expect(meaning('mystery', {}, 'lenient')).toBe('gpt-6.1-sol');
    for (const style of ['strict'] as const) {
      expect(meaning('mystery', { unknown: 'default' }, style)).toBe('gpt-6.1-sol');
    }
  });

  test.each(['gpt-5.5-foo', 'gpt-5.5-high-low', 'gpt-5.5-', 'gpt-5.5-highest', 'gpt-5.5:20b'])(
    'the unknown suffix of %s is 404 in every dialect',
    (name) => {
      for (const style of ['strict', 'lenient'] as const) {
        expect(refusal(name, {}, style).code).toBe('model_not_found');
      }
    },
  );

  test('a very long name is cut in the message', () => {
    expect(refusal('x'.repeat(1_000_000)).message.length).toBeLessThan(200);
  });

  test.each(['__proto__', 'constructor', '', ' ', '*'])('%j is unknown', (name) => {
    expect(refusal(name).code).toBe('model_not_found');
  });
});

describe('the default model', () => {
  test('the configured one, with its suffixes', () => {
    expect(meaning('mystery', { default: 'openai/gpt-5.5-high', unknown: 'default' })).toBe('gpt-5.5 high');
  });

  test('a retired default falls back to the first listed model', () => {
    expect(defaultModel(naming({ default: 'gpt-5-codex' })).slug).toBe('gpt-6.1-sol');
  });

  test('it is an allowed model', () => {
    expect(defaultModel(naming({ allowed: ['gpt-5.*'] })).slug).toBe('gpt-5.4');
  });
});

describe('models.allowed', () => {
  test('limits by glob which models may be used and are listed', () => {
    const allowed = ['gpt-5.4*', '*-luna'];
    expect(meaning('gpt-5.4-mini-high', { allowed })).toBe('gpt-5.4-mini high');
    expect(refusal('gpt-5.5', { allowed }).code).toBe('model_not_found');
    expect(visibleModels({ models, allowed }).map(({ slug }) => slug)).toEqual([
      'gpt-6-luna',
      'gpt-5.4',
      'gpt-5.4-mini',
    ]);
  });

  test('an alias does not bypass it', () => {
    expect(refusal('x', { allowed: ['gpt-5.4'], aliases: { x: 'gpt-5.5' } }).code).toBe('model_not_found');
  });

  test('no existing model is allowed', () => {
    expect(refusal('x', { allowed: ['gpt-9'], unknown: 'default' }).message).toBe(
      "`models.allowed` allows none of the account's models.",
    );
  });
});

test("a configured context window is reported, up to the model's maximum", () => {
  const settings = { aliases: {}, allowed: [], default: undefined, unknown: 'error' as const };
  const models = readModels([
    { slug: 'small', context_window: 1000, max_context_window: 2000 },
    { slug: 'large', context_window: 1000, max_context_window: 9000 },
  ]);
  const windows = (contextWindow: number | undefined) =>
    namingOf({ ...settings, contextWindow }, models).models.map((model) => model.contextWindow);
  expect(windows(undefined)).toEqual([1000, 1000]);
  expect(windows(5000)).toEqual([2000, 5000]);
});

test('dates, [1m] and prefixes are ignored', () => {
  const naming: Naming = { models, aliases: {}, allowed: [], default: undefined, unknown: 'error' };
  for (const name of [
    'gpt-6-luna-20260102',
    'gpt-6-luna-2026-01-02',
    'gpt-6-luna[1m]',
    'claude/gpt-6-luna',
    'anthropic/gpt-6-luna-20260102[1m]',
  ]) {
    expect(resolve(name, naming, 'strict').model.slug).toBe('gpt-6-luna');
  }
  expect(resolve('claude-3-5-haiku-20241022', naming, 'strict').model.slug).toBe('gpt-6-luna');
  expect(resolve('claude-sonnet-5-5-20260101[1m]', naming, 'strict').model.slug).toBe('gpt-6.1-sol');
});
