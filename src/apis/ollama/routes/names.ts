// Finds the models that a request to Ollama's API names. Ollama is written in Go, whose JSON decoder ignores the case of keys
// and uses the last one, so every spelling counts (pkg.go.dev/encoding/json#Unmarshal).
import { isObject } from '../../../responses/fields.ts';
import { fieldsOf } from '../../../responses/json-scan.ts';

/** The fields with model names, the most important first. Other routes use `model`; older clients send `name`. */
const fieldsByPath = new Map([
  ['/api/copy', ['source', 'destination']],
  ['/api/create', ['from', 'model', 'name']],
]);
const usualFields = ['model', 'name'];

const changing = new Set(['/api/create', '/api/copy', '/api/delete', '/api/pull', '/api/push']);

/** Whether a route adds, moves or removes models. */
export function changesModels(path: string): boolean {
  return changing.has(path);
}

export interface NamedModels {
  /** The model that the request is for; undefined if it names none. */
  name: string | undefined;
  /** Every name that a JSON decoder could read. */
  all: string[];
  /** The same body with each field once, so that all JSON decoders read the same. */
  plainBody: string;
}

/** `text`: the unparsed body. */
export function namedModels(path: string, text: string, body: unknown): NamedModels {
  const fields = fieldsByPath.get(path) ?? usualFields;
  if (!isObject(body)) return { name: undefined, all: [], plainBody: text };
  const spellings = Object.keys(body).filter((key) => fields.includes(folded(key)));
  // In the order of the fields, the usual spelling first.
  const rank = (key: string) => fields.indexOf(folded(key)) * 2 + (key === folded(key) ? 0 : 1);
  const names = spellings.toSorted((a, b) => rank(a) - rank(b)).map((key) => body[key]);
  const all = names.filter((name): name is string => typeof name === 'string' && name !== '');
  return { name: all[0], all, plainBody: plainBody(text, body) };
}

function plainBody(text: string, body: Record<string, unknown>): string {
  const keys = fieldsOf(text).map(({ key }) => folded(key));
  if (new Set(keys).size === keys.length) return text;
  const exact = Object.entries(body).filter(([key]) => key === folded(key));
  return JSON.stringify(Object.fromEntries(exact));
}

/** Folds case like Go, which also folds the long s and the Kelvin sign. */
function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}
