// Edits of clients' files as text: the user's own settings stay unchanged.
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { aider } from '../../../src/cli/env/clients/aider.ts';
import { claude } from '../../../src/cli/env/clients/claude.ts';
import { codex } from '../../../src/cli/env/clients/codex.ts';
import { continueDev } from '../../../src/cli/env/clients/continue.ts';
import { llm } from '../../../src/cli/env/clients/llm.ts';
import { vscode } from '../../../src/cli/env/clients/vscode.ts';
import { zed } from '../../../src/cli/env/clients/zed.ts';
import { setItem, setMember } from '../../../src/cli/env/json-text.ts';
import type { JsonForm } from '../../../src/cli/env/json-tree.ts';
import { edited } from '../env-support.ts';

function set(text: string, keys: string[], value: unknown, form: JsonForm = 'jsonc'): string {
  return setMember({ path: 'x.json', text }, form, [keys.slice(0, -1), keys.at(-1)!], value);
}

describe('one member of a JSON text', () => {
  const edits: [string, string, string[], unknown, string][] = [
    ['an absent file', '', ['a', 'b'], '1', '{\n  "a": {\n    "b": "1"\n  }\n}\n'],
    ['blank lines', ' \n\n', ['a'], '1', '{\n  "a": "1"\n}\n'],
    ['an empty object', '{}', ['a'], '1', '{\n  "a": "1"\n}'],
    ['an empty object with a line', '{\n}\n', ['a'], '1', '{\n  "a": "1"\n}\n'],
    ['a comment alone', '{\n  // mine\n}\n', ['a'], 1, '{\n  "a": 1\n  // mine\n}\n'],
    ['behind the last', '{\n  "a": 1\n}\n', ['b'], 2, '{\n  "a": 1,\n  "b": 2\n}\n'],
    [
      'with tabs',
      '{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n',
      ['a', 'c'],
      { d: 2 },
      '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": {\n\t\t\t"d": 2\n\t\t}\n\t}\n}\n',
    ],
    [
      'with four blanks',
      '{\n    "a": 1\n}\n',
      ['b', 'c'],
      2,
      '{\n    "a": 1,\n    "b": {\n        "c": 2\n    }\n}\n',
    ],
    [
      'something long in an object of one line',
      '{\n  "a": { "b": 1 }, "z": 2\n}\n',
      ['a', 'c'],
      { text: 'x'.repeat(60) },
      `{\n  "a": { "b": 1,\n    "c": {\n      "text": "${'x'.repeat(60)}"\n    }\n  }, "z": 2\n}\n`,
    ],
    [
      'something long in a file of one line',
      '{"a":1}',
      ['b'],
      { text: 'x'.repeat(60) },
      `{"a":1,\n  "b": {\n    "text": "${'x'.repeat(60)}"\n  }\n}`,
    ],
    ['on one line', '{"a":1}', ['b'], { c: 2 }, '{"a":1, "b": {"c":2}}'],
    [
      'line ends of Windows',
      '{\r\n  "a": 1\r\n}\r\n',
      ['b', 'c'],
      2,
      '{\r\n  "a": 1,\r\n  "b": {\r\n    "c": 2\r\n  }\r\n}\r\n',
    ],
    ['a byte order mark', '\uFEFF{\n  "a": 1\n}', ['a'], 2, '\uFEFF{\n  "a": 2\n}'],
    ['a trailing comma', '{\n  "a": 1,\n}\n', ['b'], 2, '{\n  "a": 1,\n  "b": 2,\n}\n'],
    ['a comment behind the last', '{\n  "a": 1 // one\n}\n', ['b'], 2, '{\n  "a": 1, // one\n  "b": 2\n}\n'],
    [
      'a comment behind its comma',
      '{\n  "a": 1, /* one */ // 1\n  // end\n}\n',
      ['b'],
      2,
      '{\n  "a": 1, /* one */ // 1\n  "b": 2,\n  // end\n}\n',
    ],
    [
      'comments everywhere',
      '// x\n{ /* y */ "a" /* z */ : /* "b": 1 */ {} } // {',
      ['a', 'b'],
      2,
      '// x\n{ /* y */ "a" /* z */ : /* "b": 1 */ {\n  "b": 2\n} } // {',
    ],
    [
      'in place of the old value',
      '{\n  "a": {"b": [1, "}"]}, "c": 3\n}',
      ['a'],
      'x',
      '{\n  "a": "x", "c": 3\n}',
    ],
    ['the last of two of the name', '{"a": 1, "a": 2}', ['a'], 3, '{"a": 1, "a": 3}'],
    [
      'the same value in another writing',
      '{"a": {"c":1,   "b": 2}}',
      ['a'],
      { b: 2, c: 1 },
      '{"a": {"c":1,   "b": 2}}',
    ],
    ['names with odd characters', '{"a.b": {"\\u0022": 1}}', ['a.b', '"'], 2, '{"a.b": {"\\u0022": 2}}'],
  ];
  test.each(edits)('%s', (_, text, keys, value, result) => {
    expect(set(text, keys, value)).toBe(result);
  });

  test.each([
    '{"a": 1,}',
    '{,}',
    '{"a" 1}',
    '{"a": 1 "b": 2}',
    '{"a": 01}',
    '{"a": +1}',
    '{"a": tru}',
    '{a: 1}',
    "{'a': 1}",
    '{"a": "\u0001"}',
    '{"a": "x\n"}',
    '{"a": "\\x"}',
    '{"a": [1,]}',
    '{"a": [1',
    '{} {}',
    '{"a": 1} // x',
    '[',
    '"a',
    '{"a":',
  ])('%p is no JSON', (text) => {
    expect(() => set(text, ['a'], 1, 'json')).toThrow('is not valid JSON at line');
  });

  const names = fc.oneof(fc.constantFrom('env', 'a', '__proto__', ''), fc.string());
  const settings = fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.dictionary(names, fc.jsonValue())));
  const indents = fc.constantFrom(undefined, 1, 2, 4, '\t');

  test('any settings keep their values, and a second edit changes nothing', () => {
    fc.assert(
      fc.property(settings, indents, names, fc.jsonValue(), (before, indent, name, value) => {
        const text = JSON.stringify(before, null, indent);
        const result = set(text, [name], value, 'json');
        const wanted = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(result)).toEqual(
          Object.fromEntries([...Object.entries(JSON.parse(text)), [name, wanted]]),
        );
        expect(set(result, [name], wanted, 'json')).toBe(result);
      }),
    );
  });

  test('the strict form accepts exactly what JSON.parse accepts', () => {
    const texts = fc.oneof(
      fc.json(),
      fc.string({ unit: fc.constantFrom(...'{}[]",:0-.e1 tn\n\\') }),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (inner) => {
        const text = `{"z": ${inner}}`;
        const isJson = succeeds(() => JSON.parse(text));
        expect(succeeds(() => set(text, ['a'], 1, 'json'))).toBe(isJson);
      }),
    );
  });
});

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

describe('Claude Code', () => {
  test('other settings keep their order and form; in `env` only codexd’s variables change', () => {
    const before = `{
  "$schema": "https://json.schemastore.org/claude-code-settings.json",
  "env": { "FOO": "bar", "ANTHROPIC_API_KEY": "sk-ant-old" },
  "permissions": { "allow": ["Bash(git:*)"],   "deny": [] },
  "model": "opus"
}
`;
    const after = edited(claude, before);
    expect(after).toContain(
      '"permissions": { "allow": ["Bash(git:*)"],   "deny": [] },\n  "model": "opus"\n}\n',
    );
    expect(after).toContain('"env": { "FOO": "bar", "ANTHROPIC_API_KEY": "", "ANTHROPIC_BASE_URL": ');
    expect(Object.keys(JSON.parse(after))).toEqual(['$schema', 'env', 'permissions', 'model']);
    expect(JSON.parse(after).env).toMatchObject({ FOO: 'bar', CLAUDE_CODE_MAX_CONTEXT_TOKENS: '272000' });
  });
});

test("Zed: comments, trailing commas and other providers stay; codexd's own is replaced", () => {
  const before = `// Zed settings
{
  "theme": "One Dark", // dark
  "language_models": {
    "openai_compatible": {
      "other": { "api_url": "https://example.com", "available_models": [], },
      // ours
      "codexd": { "api_url": "http://old" },
    },
  },
}
`;
  const after = edited(zed, before);
  const [head, tail] = before.split('{ "api_url": "http://old" }');
  expect(after).toStartWith(head!);
  expect(after).toEndWith(tail!);
  expect(after).toContain(
    '"codexd": {\n        "api_url": "http://127.0.0.1:8787/v1",\n        "available_models": [\n',
  );
});

describe('the Codex CLI', () => {
  const ours = [
    '[model_providers.codexd]',
    'name = "OpenAI"',
    'base_url = "http://127.0.0.1:8787/v1"',
    'wire_api = "responses"',
    'supports_websockets = true',
    '',
  ].join('\n');

  const edits: [string, string, string][] = [
    ['an absent file', '', ours],
    [
      'behind what there is',
      '# mine\nmodel = "gpt-5.5" # old\n',
      `# mine\nmodel = "gpt-5.5" # old\n\n${ours}`,
    ],
    ['behind a file without a last line end', 'a = 1', `a = 1\n\n${ours}`],
    [
      'in place of the old values; comments stay',
      '[model_providers.codexd]\nname = "old"\n# mine\nenv_key = "X"\n\n# tools\n[mcp_servers.a]\nargs = [\n  "[x]",\n]\n',
      `${ours}# mine\n\n# tools\n[mcp_servers.a]\nargs = [\n  "[x]",\n]\n`,
    ],
    [
      'a quoted name',
      '[ model_providers . "codexd" ] # x\nname = "old"\n',
      ours.replace('[model_providers.codexd]', '[ model_providers . "codexd" ] # x'),
    ],
    [
      'comments behind values, and not what looks like one inside a value',
      '[model_providers.codexd]\nwire_api = "chat#" # not mine\nname = "#1"\t#2\nenv_key = "X" # gone\n',
      `[model_providers.codexd]\nwire_api = "responses" # not mine\nname = "OpenAI"\t#2\n${ours
        .split('\n')
        .filter((line) => /^(base|supports)/.test(line))
        .join('\n')}\n`,
    ],
    [
      'a table with a value of several lines is replaced as a whole',
      '[model_providers.codexd]\nname = "old" # x\nquery_params = { a = """\n""" }\n',
      ours,
    ],
    [
      'tables below ours stay',
      '[model_providers.codexd]\nname = "old"\n[model_providers.codexd.http_headers]\nX = "1"\n',
      `${ours.trimEnd()}\n[model_providers.codexd.http_headers]\nX = "1"\n`,
    ],
    [
      'another provider stays',
      '[model_providers.codexd2]\nname = "b"\n',
      `[model_providers.codexd2]\nname = "b"\n\n${ours}`,
    ],
    [
      'no line end after the old table',
      '[model_providers.codexd]\r\nname = "old"',
      ours.trimEnd().replaceAll('\n', '\r\n'),
    ],
    [
      'the old table with line ends of Windows',
      'a = 1\r\n[model_providers.codexd] # x\r\nname = "old"\r\n\r\n# b\r\n[b]\r\n\r\n\r\n',
      `a = 1\r\n${ours.replace(']', '] # x').replaceAll('\n', '\r\n')}\r\n# b\r\n[b]\r\n\r\n\r\n`,
    ],
    ['blank lines at the end', 'a = 1\n\n\n', `a = 1\n\n\n\n${ours}`],
    ['line ends of Windows', 'a = 1\r\n', `a = 1\r\n\r\n${ours.replaceAll('\n', '\r\n')}`],
  ];
  test.each(edits)('%s', (_, before, after) => {
    expect(edited(codex, before)).toBe(after);
    expect(edited(codex, after)).toBe(after);
  });

  test('env_key is written only if the daemon has a key', () => {
    const keyed = edited(codex, '', { CODEXD_API_KEY: 'cdx_0123456789abcdef' });
    expect(keyed).toBe(`${ours}env_key = "CODEXD_API_KEY"\n`);
    expect(edited(codex, keyed)).toBe(ours);
  });
});

describe('aider', () => {
  const ours = [
    'openai-api-base: "http://127.0.0.1:8787/v1"',
    'openai-api-key: "codexd"',
    'model: "openai/gpt-6.1-sol"',
    'weak-model: "openai/gpt-6-luna"',
    '',
  ].join('\n');

  const edits: [string, string, string][] = [
    ['an absent file', '', ours],
    ['comments alone', '# model: xxx\n', `# model: xxx\n${ours}`],
    ['no last line end', 'dark-mode: true', `dark-mode: true\n${ours}`],
    [
      'lines in place',
      'read:\n  - model: x\nmodel: gpt-4o # mine\nedit-format: diff\n',
      `read:\n  - model: x\nmodel: "openai/gpt-6.1-sol" # mine\nedit-format: diff\n${ours.replace(/^model.*\n/m, '')}`,
    ],
    [
      'line ends of Windows',
      'model: x\r\n',
      `model: "openai/gpt-6.1-sol"\r\n${ours.replace(/^model.*\n/m, '').replaceAll('\n', '\r\n')}`,
    ],
  ];
  test.each(edits)('%s', (_, before, after) => {
    expect(edited(aider, before)).toBe(after);
    expect(edited(aider, after)).toBe(after);
  });

  const comments: [string, string][] = [
    ['model: sonnet  # my model', '  # my model'],
    ["model: 'so''nnet #1'\t# mine", '\t# mine'],
    ['model: "so\\"nnet #1" # mine # too', ' # mine # too'],
    ['model: a#b', ''],
    ['model: # none yet', ' # none yet'],
    ['model: "#1"', ''],
  ];
  test.each(comments)('the comment of %s stays', (line, comment) => {
    expect(edited(aider, `${line}\n`)).toStartWith(`model: "openai/gpt-6.1-sol"${comment}\n`);
  });

  test('a key that YAML would not read as text is quoted', () => {
    const text = edited(aider, '', { CODEXD_API_KEY: '0x1F: # "$&' });
    expect(Bun.YAML.parse(text)).toMatchObject({ 'openai-api-key': '0x1F: # "$&' });
  });
});

describe('Continue', () => {
  const block = (indent: string) =>
    [
      '# codexd: made by `codexd env continue --write`',
      '- name: "codexd gpt-6.1-sol"',
      '  provider: openai',
      '  model: "gpt-6.1-sol"',
      '  apiBase: "http://127.0.0.1:8787/v1"',
      '  apiKey: "codexd"',
      '  capabilities: [tool_use, image_input]',
      '  defaultCompletionOptions:',
      '    contextLength: 272000',
      '- name: "codexd gpt-6-luna"',
      '  provider: openai',
      '  model: "gpt-6-luna"',
      '  apiBase: "http://127.0.0.1:8787/v1"',
      '  apiKey: "codexd"',
      '  capabilities: [tool_use]',
      '  defaultCompletionOptions:',
      '    contextLength: 200000',
      '# codexd: made by `codexd env continue --write`: end',
    ]
      .map((line) => `${indent}${line}\n`)
      .join('');
  const head = 'name: Local Config\nversion: 1.0.0\nschema: v1\n';
  const other = '  - name: Other\n    provider: ollama\n    model: |\n      a\n\n      b\n';

  const edits: [string, string, string][] = [
    ['an absent file', '', `${head}models:\n${block('  ')}`],
    ['a file without models', 'name: Mine\nrules: []\n', `name: Mine\nrules: []\nmodels:\n${block('  ')}`],
    ['no last line end', 'name: Mine', `name: Mine\nmodels:\n${block('  ')}`],
    ['an empty list', 'models: []\nname: Mine\n', `models:\n${block('  ')}name: Mine\n`],
    ['a list of nothing', 'models: # [] mine\nname: Mine\n', `models: # [] mine\n${block('  ')}name: Mine\n`],
    [
      'behind the others',
      `models:\n${other}\n# rules\nrules:\n  - x\n`,
      `models:\n${other}${block('  ')}\n# rules\nrules:\n  - x\n`,
    ],
    [
      'at the end of the file',
      `name: Mine\nmodels:\n${other}`,
      `name: Mine\nmodels:\n${other}${block('  ')}`,
    ],
    [
      'a list that is not indented',
      'models:\n- name: Other\n  provider: x\n  model: y\nname: Mine\n',
      `models:\n- name: Other\n  provider: x\n  model: y\n${block('')}name: Mine\n`,
    ],
    [
      'in place of the old block',
      `models:\n${block('  ').replaceAll('8787', '1')}${other}`,
      `models:\n${block('  ')}${other}`,
    ],
    [
      'line ends of Windows',
      'name: Mine\r\nmodels:\r\n',
      `name: Mine\r\nmodels:\r\n${block('  ').replaceAll('\n', '\r\n')}`,
    ],
  ];
  test.each(edits)('%s', (_, before, after) => {
    expect(edited(continueDev, before)).toBe(after);
    expect(edited(continueDev, after)).toBe(after);
  });
});

describe('one item of a JSON list', () => {
  const isOld = (item: unknown) => (item as { name?: unknown } | null)?.name === 'own';
  const set = (text: string, value: unknown) => setItem({ path: 'x.json', text }, 'jsonc', isOld, value);

  test.each<[string, string, unknown, string]>([
    ['an absent file', '', { name: 'own' }, '[\n  {\n    "name": "own"\n  }\n]\n'],
    ['behind the last', '[\n\t1 // one\n]\n', 2, '[\n\t1, // one\n\t2\n]\n'],
    ['on one line', '[{"name":"other"},]', 2, '[{"name":"other"}, 2,]'],
    [
      'in place of the old one',
      '[\n  // mine\n  { "name": "own", "a": 1 },\n  7\n]\n',
      { name: 'own' },
      '[\n  // mine\n  {\n    "name": "own"\n  },\n  7\n]\n',
    ],
    ['equal to the old one', '[ {"name" : "own"} ]', { name: 'own' }, '[ {"name" : "own"} ]'],
  ])('%s', (_, text, value, expected) => {
    expect(set(text, value)).toBe(expected);
  });

  test('a file that is not a list is not edited', () => {
    expect(() => set('{"a": 1}', 2)).toThrow('Cannot edit x.json: it is not a list.');
  });

  test('VS Code keeps the providers and comments of the user', () => {
    const mine = '[\n  // mine\n  { "name": "Other", "vendor": "customendpoint" }\n]\n';
    const once = edited(vscode, mine);
    expect(once).toStartWith(
      '[\n  // mine\n  { "name": "Other", "vendor": "customendpoint" },\n  {\n    "name": "codexd"',
    );
    expect(edited(vscode, once)).toBe(once);
  });
});

describe('a YAML file that is a list', () => {
  test.each<[string, string]>([
    ['empty', ''],
    ['comments alone', '# mine\n'],
    ['models of the user', '- model_id: mine\n  model_name: m # why\n'],
    ['indented models without a last line end', '  - model_id: mine\n    model_name: m'],
    ['line ends of Windows', '- model_id: mine\r\n'],
  ])('%s', (_, text) => {
    const once = edited(llm, text);
    const before = (Bun.YAML.parse(text) ?? []) as unknown[];
    const after = Bun.YAML.parse(once) as { model_id: string }[];
    expect(after.slice(0, before.length)).toEqual(before as typeof after);
    expect(after.slice(before.length).map(({ model_id }) => model_id)).toEqual([
      'codexd/gpt-6.1-sol',
      'codexd/gpt-6-luna',
    ]);
    expect(once).toStartWith(text);
    expect(edited(llm, once)).toBe(once);
  });

  test.each(['a: 1\n', 'text\n', '- a\n: b: [\n'])('%j is not edited', (text) => {
    expect(() => edited(llm, text)).toThrow('it is not a YAML list');
  });
});
