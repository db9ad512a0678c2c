// Compares the prompts of two turns.
import type { PromptOutline, PromptPart } from '../turns/prompt-outline.ts';
import { chunkLength } from '../turns/prompt-outline.ts';

/** The first place where a prompt does not continue the one before. */
export interface Difference {
  /** `instructions`, `tools[3]` or `input[7] message user`. */
  part: string;
  /** How many characters of the part are the same, rounded down. */
  offset: number;
  /** 0 if the part is new. */
  lengthBefore: number;
  /** 0 if the part is gone. */
  lengthAfter: number;
}

/** Undefined if the later prompt begins with the whole earlier one. */
export function firstDifference(before: PromptOutline, after: PromptOutline): Difference | undefined {
  const at = before.parts.findIndex((part, index) => !isSame(part, after.parts[index]));
  if (at < 0) return undefined;
  const [old, now] = [before.parts[at] as PromptPart, after.parts[at]];
  const has = ({ parts }: PromptOutline, { name }: PromptPart) => parts.some((part) => part.name === name);
  if (now === undefined || (has(before, now) && !has(after, old))) {
    return { part: old.name, offset: 0, lengthBefore: old.length, lengthAfter: 0 };
  }
  const isNew = !has(before, now) && has(after, old);
  return {
    part: now.name,
    offset: old.name === now.name ? sameLength(old, now) : 0,
    lengthBefore: isNew ? 0 : old.length,
    lengthAfter: now.length,
  };
}

function sameLength(old: PromptPart, now: PromptPart): number {
  const chunk = old.hashes.findIndex((hash, at) => hash !== now.hashes[at]);
  return chunk < 0 ? old.length : chunk * chunkLength;
}

/** The length of the parts at the beginning that are the same in both. */
export function commonLength(before: PromptOutline, after: PromptOutline): number {
  let length = 0;
  for (const [index, part] of before.parts.entries()) {
    if (!isSame(part, after.parts[index])) break;
    length += part.length;
  }
  return length;
}

export function lengthOf({ parts }: PromptOutline): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function isSame(one: PromptPart, other: PromptPart | undefined): boolean {
  return (
    other !== undefined &&
    one.length === other.length &&
    one.name === other.name &&
    one.hashes.every((hash, at) => hash === other.hashes[at])
  );
}
