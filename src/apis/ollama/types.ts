// Wire types of /api/chat and /api/generate (https://github.com/ollama/ollama/blob/main/docs/api.md,
// docs/wire/ollama.md#chat, #streaming), and the request data that their responses need.
import type { Translation } from '../../responses/translator.ts';
import type { ToolNames } from '../tool-names.ts';

/** Milliseconds since 1970. */
export type Clock = () => number;

export interface OllamaTranslation extends Translation {
  nowMs: Clock;
  startedAtMs: number;
  /** Texts at which codexd ends the answer, since the upstream has no such option. */
  stop: string[];
  /** False if the client asked for no thinking (docs/wire/ollama.md#think-false). */
  showsThinking: boolean;
  toolNames: ToolNames;
  /** Set for a request without text, which only loads or unloads the model. */
  idle?: 'load' | 'unload';
}

export type DoneReason = 'stop' | 'length' | 'load' | 'unload';

export interface ToolCall {
  id: string;
  function: { index: number; name: string; arguments: Record<string, unknown> };
}

/** An answer, for either endpoint. */
export interface Answer {
  content: string;
  thinking: string;
  calls: ToolCall[];
}

/** Durations in nanoseconds, and token counts. All are integers. */
export interface TurnStats {
  total_duration: number;
  load_duration: number;
  prompt_eval_count: number;
  prompt_eval_duration: number;
  eval_count: number;
  eval_duration: number;
}

export type Ending = { done: true; done_reason: DoneReason } & Partial<TurnStats>;
