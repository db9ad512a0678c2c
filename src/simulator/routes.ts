// A route: its name in scripts and its response, usually JSON.

import type { Fields } from '../base/object.ts';
import type { Call } from './call.ts';
import type { RouteName, ScriptedTurn } from './script.ts';

export interface Route {
  name: RouteName;
  /** The route consumes its script line itself, once it knows that the request is valid. */
  takesLine?: true;
  /** `line`: the script's line for this request, for routes that use more than `merge` and `omit`. */
  answer(call: Call, line: ScriptedTurn | undefined): Fields | Response | Promise<Response>;
}

/** By method and path. */
export type Routes = Record<string, Route>;

/** Adds the line's headers to the response. */
export function applyScriptedHeaders(response: Response, line: ScriptedTurn | undefined): Response {
  if (line?.contentType !== undefined) response.headers.set('content-type', line.contentType);
  if (line?.retryAfter !== undefined) response.headers.set('retry-after', String(line.retryAfter));
  for (const [name, value] of Object.entries(line?.headers ?? {})) {
    if (value === null) response.headers.delete(name);
    else response.headers.set(name, value);
  }
  return response;
}

/** The route's response with the line's `merge` applied and its `omit` removed. */
export function applyOverrides(answer: Fields, line: ScriptedTurn | undefined): Fields {
  const merged = Object.entries({ ...answer, ...line?.merge });
  return Object.fromEntries(merged.filter(([key]) => !line?.omit?.includes(key)));
}
