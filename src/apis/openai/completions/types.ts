// Wire types of POST /v1/completions (https://platform.openai.com/docs/api-reference/completions), and the request data that
// its responses need.
import type { Translation } from '../../../responses/translator.ts';
import type { ChatUsage, FinishReason } from '../chat/types.ts';

export interface CompletionTranslation extends Translation {
  includeUsage: boolean;
  stop: string[];
  keepalive: 'comment' | 'chunk';
  /** The prompt if the answer should begin with it (`echo`), otherwise empty. */
  echo: string;
}

export interface Completion {
  id: string;
  object: 'text_completion';
  created: number;
  model: string;
  choices: [{ index: 0; text: string; logprobs: null; finish_reason: FinishReason }];
  usage?: ChatUsage;
}
