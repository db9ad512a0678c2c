// Bodies of real clients with one value at a time replaced by an odd one: codexd must not report a bug, and must not
// send upstream what only JavaScript could have made up.
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chatPath, messagesPath, ollamaPath, responsesPath, testDaemon } from '../server/support.ts';
import { completed, created, stream, text } from '../upstream/support.ts';

const odd = ['null', '-1', '1.10', '"\\ud800"', '[]', '[null]', '{"type":1.0}', '"constructor"'];
const routes: [folder: string, path: string, headers: Record<string, string>][] = [
  ['openai-chat', chatPath, {}],
  ['openai-responses', responsesPath, {}],
  ['openai-responses', responsesPath, { originator: 'codex_exec' }],
  ['anthropic-messages', messagesPath, {}],
  ['ollama-chat', ollamaPath, {}],
];

type Path = (string | number)[];

function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) yield* pathsIn(member, [...path, key]);
}

/** The body with `json` instead of the value at `path`. */
function replaced(value: unknown, [key, ...rest]: Path, json: string): string {
  if (key === undefined) return json;
  const entries = Object.entries(value as object).map(([name, member]): [string, string] => [
    name,
    name === key ? replaced(member, rest, json) : JSON.stringify(member),
  ]);
  if (Array.isArray(value)) return `[${entries.map(([, member]) => member).join()}]`;
  return `{${entries.map(([name, member]) => `${JSON.stringify(name)}:${member}`).join()}}`;
}

test.each(routes)(
  '%s on %s %j',
  async (folder, path, headers) => {
    const directory = join(import.meta.dir, '../fixtures/requests', folder);
    const answered = stream(created, text('Hello.'), completed);
    await using daemon = testDaemon(Array.from({ length: 20_000 }, () => answered));
    const bugs: string[] = [];
    for (const name of readdirSync(directory).filter((each) => each.endsWith('.json'))) {
      const body: unknown = JSON.parse(readFileSync(join(directory, name), 'utf8'));
      for (const at of pathsIn(body)) {
        for (const json of odd) {
          const { status } = await daemon.post(path, replaced(body, at, json), { headers });
          if (status >= 500) bugs.push(`${name}: ${at.join('.')} = ${json}`);
        }
      }
    }
    expect(bugs).toEqual([]);
    const sent = daemon.world.sent.map(({ body }) => String(body));
    expect(sent.filter((body) => /\[object \w+\]|":"(?:undefined|NaN)"/.test(body))).toEqual([]);
  },
  120_000,
);
