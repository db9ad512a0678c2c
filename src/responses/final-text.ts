// What is still to be sent when the upstream says what a text is in the end. The deltas were shown already, so where the
// end says something else they stay; a tool call must not run with arguments that are known to be cut.
import type { DeltaEvent } from './event.ts';
import type { PartSpec } from './part.ts';
import type { TextAccumulator } from './text-accumulator.ts';

/** What is known of the text that was sent so far. */
export interface SentText {
  spec: PartSpec;
  /** UTF-16 units. */
  sentLength: number;
  /** The delta before the last one. */
  before: DeltaEvent | undefined;
  last: DeltaEvent | undefined;
  kept: TextAccumulator | undefined;
}

export interface FinalText {
  rest: string;
  /** The whole text, where it is known. */
  text: string | undefined;
  /** The end disagrees in a way that makes the text useless: a call whose arguments are cut. */
  contradictory: boolean;
}

/** `given`: what the upstream says the text is; undefined when it does not say. */
export function finalText(sent: SentText, given: string | undefined): FinalText {
  const known = sent.kept?.text() ?? (sent.sentLength === 0 ? '' : undefined);
  if (sent.spec.textKey === 'arguments') return finalArguments(sent, known, given);
  if (given === undefined) return whole(known);
  if (continues(sent, known, given)) return { ...whole(given), rest: given.slice(sent.sentLength) };
  const isCutCall = sent.spec.textKey === 'input' && (known === undefined || !saysTheSame(known, given));
  return { ...whole(known), contradictory: isCutCall };
}

/** Clients parse arguments, so that blank ones become an empty object. */
function finalArguments(sent: SentText, known: string | undefined, given: string | undefined): FinalText {
  if (known !== undefined && known.trim() === '') {
    const rest = given === undefined || given.trim() === '' ? '{}' : given;
    return { rest, text: known + rest, contradictory: false };
  }
  if (given === undefined) return whole(known);
  if (continues(sent, known, given)) return { ...whole(given), rest: given.slice(sent.sentLength) };
  return { ...whole(known), contradictory: known === undefined || !isJson(known) };
}

function whole(text: string | undefined): FinalText {
  return { rest: '', text, contradictory: false };
}

/** Whether `given` begins with what was sent; judged by the last two deltas where the text is not kept. */
function continues(sent: SentText, known: string | undefined, given: string): boolean {
  if (known !== undefined) return given.startsWith(known);
  const { sentLength, before, last } = sent;
  const end = (before?.delta ?? '') + (last?.delta ?? '');
  return given.length >= sentLength && given.slice(0, sentLength).endsWith(end);
}

/** Whether a freeform input differs in white space only. An empty end says nothing. */
function saysTheSame(known: string, given: string): boolean {
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
