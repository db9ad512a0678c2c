// Reads a scenario file: a JSON array of lines, one line, or `{"turns": […]}`. Errors name the line and the key.
import { dirname, resolve } from 'node:path';
import { isObject } from '../base/object.ts';
import { Failure } from '../failure.ts';
import { encodings } from './encoding.ts';
import { refusals } from './refusal.ts';
import { faults, routeNames, type Scenario, type ScriptedTurn } from './script.ts';

type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === 'string' ? undefined : 'must be a string');
const positive: Check = (value) =>
  typeof value === 'number' && value > 0 ? undefined : 'must be a number above 0';
const count: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 0 ? undefined : 'must be a whole number, 0 or more';
const object: Check = (value) => (isObject(value) ? undefined : 'must be an object');
const oneOf =
  (words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string) ? undefined : `must be one of ${words.join(', ')}`;
const listOf =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'must be an array';
    const wrong = value.map(check).find(Boolean);
    return wrong && `holds something that ${wrong}`;
  };
const either =
  (a: Check, b: Check): Check =>
  (value) =>
    a(value) && b(value) ? `${a(value)}, or ${b(value)}` : undefined;
const call: Check = (value) =>
  isObject(value) && typeof value.name === 'string' ? undefined : 'must be an object with a name';

const keys: Record<keyof ScriptedTurn, Check> = {
  for: oneOf([...routeNames, 'models', 'usage', 'accounts/check']),
  text,
  reasoning: listOf(text),
  calls: listOf(call),
  events: listOf(object),
  sse: text,
  fixture: text,
  megabytes: positive,
  status: (value) =>
    Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 599
      ? undefined
      : 'must be an HTTP status from 200 to 599',
  body: either(text, object),
  headers: object,
  refusal: oneOf(Object.keys(refusals)),
  fault: oneOf(faults),
  delayMs: count,
  paceMs: count,
  chunkBytes: positive,
  cutAfterBytes: count,
  afterBytes: count,
  contentType: text,
  encoding: oneOf(encodings),
  retryAfter: either(text, count),
  repeat: positive,
  upload: text,
  merge: object,
  omit: listOf(text),
  error: text,
  state: text,
};

const answers = ['events', 'sse', 'fixture', 'megabytes', 'status', 'refusal'] as const;

/** `name`: the file's path, for messages and for relative fixtures. */
export function loadScenario(source: string, name: string): Scenario {
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch (cause) {
    throw new Failure('invalid_request', `The scenario ${name} is not JSON: ${(cause as Error).message}.`, {
      cause,
    });
  }
  const lines = Array.isArray(json) ? json : isObject(json) && 'turns' in json ? json.turns : [json];
  if (!Array.isArray(lines)) throw wrong(name, 'its "turns" must be an array');
  return { turns: lines.map((line, index) => turnOf(line, `turn ${index + 1}`, name)) };
}

function turnOf(line: unknown, where: string, name: string): ScriptedTurn {
  if (!isObject(line)) throw wrong(name, `${where} must be an object`);
  for (const [key, value] of Object.entries(line)) {
    if (!Object.hasOwn(keys, key)) throw wrong(name, `${where} has an unknown key "${key}"`);
    const problem = keys[key as keyof ScriptedTurn](value);
    if (problem) throw wrong(name, `${where}: "${key}" ${problem}`);
  }
  const given: string[] = answers.filter((key) => key in line);
  if ('text' in line || 'calls' in line) given.push('text or calls');
  if (given.length > 1) throw wrong(name, `${where} has more than one answer: ${given.join(', ')}`);
  const turn = line as ScriptedTurn;
  return turn.fixture === undefined ? turn : { ...turn, fixture: resolve(dirname(name), turn.fixture) };
}

function wrong(name: string, problem: string): Failure {
  return new Failure('invalid_request', `In the scenario ${name}, ${problem}.`, {
    advice: `Keys a turn may have: ${Object.keys(keys).join(', ')}.`,
  });
}
