// The outline of a prompt: lengths and hashes of its parts, in the order in which the upstream's prompt cache compares them
// (https://platform.openai.com/docs/guides/prompt-caching). Shows where two prompts differ without keeping any text.
import type { ResponsesRequest } from '../responses/request.ts';

export interface PromptPart {
  /** `tools[3]`, `instructions` or `input[7] message user`. */
  readonly name: string;
  /** In characters of JSON. */
  readonly length: number;
  /** Of each chunk of the part. */
  readonly hashes: readonly number[];
}

export interface PromptOutline {
  /** Identifies the conversation. */
  readonly session: string;
  readonly parts: readonly PromptPart[];
}

export const chunkLength = 1024;

export function outlineOf(
  { tools = [], text, instructions, input }: ResponsesRequest,
  session: string,
): PromptOutline {
  const parts = [
    ...tools.map((tool, at) => partOf(`tools[${at}]`, tool)),
    ...(text?.format === undefined ? [] : [partOf('text.format', text.format)]),
    ...(instructions === undefined ? [] : [partOf('instructions', instructions)]),
    ...input.map((item, at) => partOf(`input[${at}] ${kindOf(item)}`, item)),
  ];
  return { session, parts };
}

function partOf(name: string, value: unknown): PromptPart {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const hashes: number[] = [];
  for (let start = 0; start < text.length; start += chunkLength)
    hashes.push(hashOf(text, start, chunkLength));
  return { name, length: text.length, hashes };
}

/** `message user`; only words, because clients may send any type. */
function kindOf(item: object): string {
  const { type = 'message', role } = item as { type?: unknown; role?: unknown };
  return [type, role].filter((word) => typeof word === 'string' && /^[a-z_]{1,32}$/.test(word)).join(' ');
}

/** FNV-1a of UTF-16 units (https://datatracker.ietf.org/doc/html/rfc9923). */
export function hashOf(text: string, start = 0, length = text.length): number {
  const end = Math.min(text.length, start + length);
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
