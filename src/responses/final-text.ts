// What remains to be sent once the upstream reports a final text. The deltas have been shown already, so they win over a
// different final text. A tool call must not run with arguments that are known to be truncated.
import type { DeltaEvent } from './event.ts';
import type { PartSpec } from './part.ts';
import type { TextAccumulator } from './text-accumulator.ts';

/** What is known of the text sent so far. */
export interface SentText {
  spec: PartSpec;
  /** UTF-16 units, if the text is not kept. */
  sentLength: number;
  /** The delta before the last one. */
  before: DeltaEvent | undefined;
  last: DeltaEvent | undefined;
  kept: TextAccumulator | undefined;
}

export interface FinalText {
  rest: string;
  /** The whole text; undefined if unknown. */
  text: string | undefined;
  /** Whether the final text shows the sent one to be unusable: a call with truncated arguments. */
  contradictory: boolean;
}

/** `given`: the final text from the upstream; undefined if it does not report one. */
export function finalText(sent: SentText, given: string | undefined): FinalText {
  const known = sent.kept?.text() ?? (lengthOf(sent) === 0 ? '' : undefined);
  if (sent.spec.textKey === 'arguments') return finalArguments(sent, known, given);
  if (given === undefined) return whole(known);
  const rest = restOf(sent, known, given);
  if (rest !== undefined) return { ...whole(given), rest };
  const isCutCall = sent.spec.textKey === 'input' && (known === undefined || !isEquivalent(known, given));
  return { ...whole(known), contradictory: isCutCall };
}

/** Blank arguments become an empty object, since clients parse them. */
function finalArguments(sent: SentText, known: string | undefined, given: string | undefined): FinalText {
  if (known !== undefined && known.trim() === '') {
    const rest = given === undefined || given.trim() === '' ? '{}' : given;
    return { rest, text: known + rest, contradictory: false };
  }
  if (given === undefined) return whole(known);
  const rest = restOf(sent, known, given);
  if (rest !== undefined) return { ...whole(given), rest };
  return { ...whole(known), contradictory: known === undefined || !isJson(known) };
}

function whole(text: string | undefined): FinalText {
  return { rest: '', text, contradictory: false };
}

/** What `given` adds to the sent text; undefined if it differs. A text that was not kept is judged by its last two deltas. */
function restOf(sent: SentText, known: string | undefined, given: string): string | undefined {
  if (known !== undefined) return given.startsWith(known) ? given.slice(known.length) : undefined;
  const { before, last } = sent;
  const length = lengthOf(sent);
  const end = (before?.delta ?? '') + (last?.delta ?? '');
  const isSame = given.length >= length && given.slice(0, length).endsWith(end);
  return isSame ? given.slice(length) : undefined;
}

function lengthOf({ kept, sentLength }: SentText): number {
  return kept?.length ?? sentLength;
}

/** Whether two freeform inputs differ in white space only. A blank final text counts as missing. */
function isEquivalent(known: string, given: string): boolean {
  const packed = (text: string) => text.replace(/\s+/g, '');
  return given.trim() === '' || packed(known) === packed(given);
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
