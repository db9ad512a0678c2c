// What a request asked for and cannot have, field by field and with the reason (style.md 1). Some of it is a hint: its loss
// changes nothing in the answer, so that `server.strict` does not refuse it.
import type { Dropped } from '../responses/request.ts';

export type Reason = string | Omit<Dropped, 'field'>;

export function hint(why: string): Reason {
  return { why, hint: true };
}

export function dropped(field: string, reason: Reason): Dropped {
  return { field, ...(typeof reason === 'string' ? { why: reason } : reason) };
}

/** The fields by the reasons of a dialect's table. */
export function droppedFor(
  fields: string[],
  reasons: Readonly<Record<string, Reason>>,
  otherwise: Reason = 'codexd does not know this field.',
): Dropped[] {
  const reasonOf = (field: string) => (Object.hasOwn(reasons, field) ? reasons[field] : undefined);
  return fields.map((field) => dropped(field, reasonOf(field) ?? otherwise));
}
