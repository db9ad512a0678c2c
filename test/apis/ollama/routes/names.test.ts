// The models that a body names, for JSON decoders that treat case and duplicate keys differently.
import { expect, test } from 'bun:test';
import { namedModels } from '../../../../src/apis/ollama/routes/names.ts';

const named = (path: string, text: string) => namedModels(path, text, JSON.parse(text));

test.each<[string, string, string | undefined, string[]]>([
  ['/api/chat', '{"model":"a"}', 'a', ['a']],
  ['/api/chat', '{"name":"a"}', 'a', ['a']],
  ['/api/chat', '{"MODEL":"b","model":"a"}', 'a', ['a', 'b']],
  ['/api/chat', '{"name":"n","Model":"m"}', 'm', ['m', 'n']],
  ['/api/chat', '{"source":"a"}', undefined, []],
  ['/api/chat', '{"model":7}', undefined, []],
  ['/api/chat', '[{"model":"a"}]', undefined, []],
  ['/api/copy', '{"model":"x","source":"a","destination":"b"}', 'a', ['a', 'b']],
  // U+017F, the long s, which Go's `strings.EqualFold` treats as an s.
  ['/api/copy', '{"\u017fource":"a"}', 'a', ['a']],
  ['/api/create', '{"model":"x","from":"a"}', 'a', ['a', 'x']],
  ['/api/chat', '{"__proto__":{"model":"a"}}', undefined, []],
])('%s %s', (path, text, name, all) => {
  expect(named(path, text)).toMatchObject({ name, all });
});

const spaces = ' '.repeat(200);

test.each([
  ['{"model":"a","messages":[{"model":"x","model":"y"}],"n":12345678901234567890}', undefined],
  ['{"model":"a","b":"model\\":","c":["model","model"]}', undefined],
  ['{"model":"a","model":"b"}', '{"model":"b"}'],
  [`{"model"${spaces}:"a",${spaces}"mod\\u0065l":"b"}`, '{"model":"b"}'],
  ['{"model":"a","MODEL":"b","x":1,"X":2}', '{"model":"a","x":1}'],
  ['{ "a": {"model": 1}, "model": "a", "\\\\model": "b" }', undefined],
])('%s is sent on as %p', (text, plain) => {
  expect(named('/api/chat', text).plainBody).toBe(plain ?? text);
});
