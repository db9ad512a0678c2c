// What a request asked for and cannot have, field by field and with the reason. Some of it is a hint: its loss
// changes nothing in the answer, so that `server.strict` does not refuse it.
import { type Fields, isSet, numberOf } from '../responses/fields.ts';
import type { Dropped } from '../responses/request.ts';

export type Reason = string | Omit<Dropped, 'field'>;

export function hint(why: string): Reason {
  return { why, hint: true };
}

export function dropped(field: string, reason: Reason): Dropped {
  return { field, ...(typeof reason === 'string' ? { why: reason } : reason) };
}

/** What a dialect knows of the fields of a body. */
export interface FieldTable {
  /** They reach the upstream, are done by codexd itself, or were checked before. */
  honoured: ReadonlySet<string>;
  reasons: Readonly<Record<string, Reason>>;
  /** Documented defaults: sending one asks for nothing. */
  defaults: Readonly<Record<string, unknown>>;
}

export function droppedFields(body: Fields, { honoured, reasons, defaults }: FieldTable): Dropped[] {
  const unread = Object.keys(body).filter(
    (field) =>
      isSet(body[field]) &&
      !honoured.has(field) &&
      defaults[field] !== (numberOf(body[field]) ?? body[field]),
  );
  return droppedFor(unread, reasons);
}

/** The fields by the reasons of a dialect's table. */
export function droppedFor(fields: string[], reasons: Readonly<Record<string, Reason>>): Dropped[] {
  const reasonOf = (field: string) => (Object.hasOwn(reasons, field) ? reasons[field] : undefined);
  return fields.map((field) => dropped(field, reasonOf(field) ?? 'codexd does not know this field.'));
}
