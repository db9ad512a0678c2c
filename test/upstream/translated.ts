// How a client's request is translated for the upstream, and whether the simulator accepts it.

import { anthropicMessages } from '../../src/apis/anthropic/messages/index.ts';
import { ollamaChat } from '../../src/apis/ollama/chat/index.ts';
import { ollamaGenerate } from '../../src/apis/ollama/generate/index.ts';
import { openaiChat } from '../../src/apis/openai/chat/index.ts';
import { openaiCompletions } from '../../src/apis/openai/completions/index.ts';
import { openaiResponses } from '../../src/apis/openai/responses/index.ts';
import type { Fields } from '../../src/base/object.ts';
import type { ModelNaming } from '../../src/models/aliases.ts';
import { bundledEntries } from '../../src/models/bundle.ts';
import { readModels } from '../../src/models/model.ts';
import type { Translator } from '../../src/responses/translator.ts';
import { Refusal } from '../../src/simulator/refusal.ts';
import { checkTurn } from '../../src/simulator/rules/turn.ts';
import { Seal } from '../../src/simulator/seal.ts';
import { lenientRules } from '../../src/simulator/strict.ts';
import { planTurn } from '../../src/turns/plan.ts';
import { replaceLoneSurrogates } from '../../src/upstream/rules/lone-surrogates.ts';

export const translations: Record<string, [unknown, ModelNaming]> = {
  'anthropic-messages': [anthropicMessages, 'strict'],
  'ollama-chat': [ollamaChat, 'lenient'],
  'ollama-generate': [ollamaGenerate, 'lenient'],
  'openai-chat': [openaiChat, 'strict'],
  'openai-completions': [openaiCompletions, 'strict'],
  'openai-responses': [openaiResponses, 'strict'],
};
const naming = {
  models: readModels(bundledEntries),
  aliases: {},
  allowed: [],
  default: undefined,
  unknown: 'error' as const,
};
const headers = new Headers();

/** The translated request as the upstream reads it, and what was dropped or changed. */
export function translateForUpstream(api: string, body: unknown): { body: Fields; dropped: string[] } {
  const [translator, name] = translations[api] as [Translator, ModelNaming];
  const translation = translator.request(body, {
    headers,
    reasoningStyle: 'reasoning_content',
    reasoningSummary: 'auto',
  });
  const options = { naming, shape: 'classic' as const, effort: undefined, verbosity: undefined };
  const { turn, dropped } = planTurn(translation, headers, name, options);
  return {
    body: JSON.parse(replaceLoneSurrogates(JSON.stringify(turn.body))),
    dropped: [...translation.dropped, ...dropped].map(({ field }) => field),
  };
}

/** The upstream's refusal of a body; undefined if it accepts the body. */
export function refusalOf(body: Fields): unknown {
  const account = { accountId: 'acc_1', email: 'a@example.com', plan: 'plus', userId: 'u' };
  try {
    checkTurn(body, {
      transport: 'http',
      headers: { originator: 'codexd' },
      account,
      seal: new Seal('secret', false),
      strict: lenientRules,
      earlier: [],
    });
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.body;
    throw thrown;
  }
}
