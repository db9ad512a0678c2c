// Reports unsupported fields of a request, each with the reason. Hints do not affect the answer, so `server.strict` allows them.
import { type Fields, isSet, numberOf } from '../responses/fields.ts';
import type { Dropped } from '../responses/request.ts';

export type Reason = string | Omit<Dropped, 'field'>;

export function hint(why: string): Reason {
  return { why, hint: true };
}

export function dropped(field: string, reason: Reason): Dropped {
  return { field, ...(typeof reason === 'string' ? { why: reason } : reason) };
}

/** An API's knowledge of a body's fields. */
export interface FieldTable {
  /** Sent upstream, implemented by codexd, or already checked. */
  supported: ReadonlySet<string>;
  reasons: Readonly<Record<string, Reason>>;
  /** Documented defaults, which need no report. */
  defaults: Readonly<Record<string, unknown>>;
}

export function droppedFields(body: Fields, { supported, reasons, defaults }: FieldTable): Dropped[] {
  const unread = Object.keys(body).filter(
    (field) =>
      isSet(body[field]) &&
      !supported.has(field) &&
      defaults[field] !== (numberOf(body[field]) ?? body[field]),
  );
  return droppedFor(unread, reasons);
}

/** The fields with their reasons. */
export function droppedFor(fields: string[], reasons: Readonly<Record<string, Reason>>): Dropped[] {
  const reasonOf = (field: string) => (Object.hasOwn(reasons, field) ? reasons[field] : undefined);
  return fields.map((field) => dropped(field, reasonOf(field) ?? 'Unknown field.'));
}
