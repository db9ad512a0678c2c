// What a route is: a name the script knows, and an answer that is JSON unless it is more than that.

import type { Fields } from '../base/object.ts';
import type { Call } from './call.ts';
import type { RouteName, ScriptedTurn } from './script.ts';

export interface Route {
  name: RouteName;
  /** The route uses up its line itself, once it knows that the request is good. */
  takesLine?: true;
  /** `line`: what the script says about this request, for routes that look at more than `merge` and `omit`. */
  answer(call: Call, line: ScriptedTurn | undefined): Fields | Response | Promise<Response>;
}

/** By method and path. */
export type Routes = Record<string, Route>;

/** The line's headers on the answer. */
export function dress(response: Response, line: ScriptedTurn | undefined): Response {
  if (line?.contentType !== undefined) response.headers.set('content-type', line.contentType);
  if (line?.retryAfter !== undefined) response.headers.set('retry-after', String(line.retryAfter));
  for (const [name, value] of Object.entries(line?.headers ?? {})) {
    if (value === null) response.headers.delete(name);
    else response.headers.set(name, value);
  }
  return response;
}

/** The route's answer with the line's `merge` laid over it and its `omit` left out. */
export function lay(answer: Fields, line: ScriptedTurn | undefined): Fields {
  const merged = Object.entries({ ...answer, ...line?.merge });
  return Object.fromEntries(merged.filter(([key]) => !line?.omit?.includes(key)));
}
