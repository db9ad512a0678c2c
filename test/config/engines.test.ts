// The [[transcription.engines]] tables: their keys, and the errors for mistakes in them.
import { describe, expect, test } from 'bun:test';
import { engineKinds as audioEngineKinds } from '../../src/audio/engines/create.ts';
import type { EngineSettings } from '../../src/audio/engines/settings.ts';
import { engineKinds, engines } from '../../src/config/engines.ts';
import { load } from '../../src/config/load.ts';
import { Failure } from '../../src/failure.ts';

function loaded(toml: string): readonly EngineSettings[] {
  return load({
    ...{ env: {}, flags: {}, platform: 'linux', homedir: '/home/me' },
    readFile: (path: string) => (path.endsWith('codexd/config.toml') ? toml : undefined),
  } as Parameters<typeof load>[0]).config.transcription.engines;
}

function problem(toml: string): string {
  try {
    loaded(toml);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message;
    throw thrown;
  }
  return 'no problem';
}

const table = (lines: string) => `[[transcription.engines]]\n${lines}`;

test('every engine of codexd can be configured', () => {
  expect(loaded(table('id = "whisper-cpp"'))).toEqual([{ id: 'whisper-cpp', kind: 'whisper-cpp' }]);
  expect([...engineKinds].sort()).toEqual([...audioEngineKinds].sort());
});

test('every key is parsed', () => {
  const toml = `
[[transcription.engines]]
id = "groq"
kind = "openai"
url = "https://api.groq.com/openai/v1/"
api_key_env = "GROQ_API_KEY"
model = "whisper-large-v3"
models = ["whisper-*"]
concurrency = 2
timeout_seconds = 30.5
headers = { "X-Org" = "me" }
fields = { vad_filter = "true" }

[[transcription.engines]]
id = "whisper-cpp"
command = "~/bin/whisper-cli"
model_dirs = ["~/models"]
args = ["-ng"]
threads = 8

[[transcription.engines]]
id = "own"
kind = "whisper-server"
start = ["whisper-server", "-m", "{model}", "--port", "{port}"]
idle_seconds = 600

[[transcription.engines]]
id = "mine"
kind = "command"
argv = ["my-asr", "--in", "{wav16}", ["--lang", "{language}"], "--out", "{outbase}"]
reads = "wav16"
ok = [0, 3]
[transcription.engines.output]
kind = "json"
from = "{outbase}.json"
map = { text = "result.text", segments = "parts", start = "b", end = "e", segment_text = "t", unit = "ms" }
`;
  expect(loaded(toml)).toEqual([
    {
      ...{ id: 'groq', kind: 'openai', url: 'https://api.groq.com/openai/v1', apiKeyEnv: 'GROQ_API_KEY' },
      ...{ model: 'whisper-large-v3', models: ['whisper-*'], concurrency: 2, timeoutSeconds: 30.5 },
      ...{ headers: { 'X-Org': 'me' }, fields: { vad_filter: 'true' } },
    },
    {
      id: 'whisper-cpp',
      kind: 'whisper-cpp',
      command: '~/bin/whisper-cli',
      modelDirs: ['~/models'],
      args: ['-ng'],
      threads: 8,
    },
    {
      id: 'own',
      kind: 'whisper-server',
      start: ['whisper-server', '-m', '{model}', '--port', '{port}'],
      idleSeconds: 600,
    },
    {
      ...{ id: 'mine', kind: 'command', reads: 'wav16', ok: [0, 3] },
      argv: ['my-asr', '--in', '{wav16}', ['--lang', '{language}'], '--out', '{outbase}'],
      output: {
        ...{ kind: 'json', from: '{outbase}.json' },
        map: { text: 'result.text', segments: 'parts', start: 'b', end: 'e', segmentText: 't', unit: 'ms' },
      },
    },
  ]);
});

describe('a mistake is reported with its table and key', () => {
  const command = (lines: string) => `id = "mine"\nkind = "command"\n${lines}`;
  const output = 'output = { kind = "text", from = "stdout" }';
  const rows: [lines: string, expected: string][] = [
    ['kind = "openai"', 'in number 1, `id` is missing'],
    ['id = "groq"', 'in "groq", `kind` is missing: one of "whisper-cpp"'],
    ['id = "groq"\nkind = "opanai"', 'in "groq", `kind` must be one of'],
    ['id = "Groq!"\nkind = "openai"', '`id` must be an id of lower-case letters'],
    ['id = "chatgpt"\nkind = "openai"', '`id` must be any id but "chatgpt"'],
    ['id = "whisper-cpp"\nmodle = "x"', 'in "whisper-cpp", unknown key `modle` (did you mean `model`)'],
    ['id = "whisper-cpp"\nurl = "http://x"', '`url` does not apply to this kind of engine'],
    ['id = "whisper-cpp"\nthreads = 0', '`threads` must be a whole number, 1 or more'],
    ['id = "whisper-cpp"\nthreads = "4"', '`threads` must be a whole number'],
    ['id = "whisper-cpp"\nmodels = "base"', '`models` must be a list'],
    ['id = "openai"', 'in "openai", `url` is missing'],
    ['id = "openai"\nurl = "ftp://x"', '`url` must be an http or https URL'],
    ['id = "openai"\nurl = "https://me:pw@x"', '`url` must be an http or https URL without user name'],
    ['id = "openai"\nurl = "http://x:{port}/v1"', '`url` contains {port}, which requires `start`'],
    [
      'id = "openai"\nstart = ["x", "--port", "{port}"]\nurl = "http://127.0.0.1:80/v1"',
      '`start` contains {port}, so `url` must contain it too',
    ],
    ['id = "whisper-server"\nstart = ["x"]', '`start` must contain {port}, or `url`'],
    ['id = "whisper-server"\nstart = ["x", "{prot}"]', '`start` contains the unknown placeholder {prot}'],
    ['id = "whisper-server"\nstart = []', '`start` must be a non-empty list'],
    [
      'id = "openai"\nurl = "https://x"\napi_key_env = "sk-secret-1"',
      '`api_key_env` must be the name of a variable, not the key itself',
    ],
    [command(output), '`argv` is missing'],
    [command('argv = ["x", "{wav16}"]'), '`output` is missing'],
    [command(`argv = []\n${output}`), '`argv` must be a list that begins with a program'],
    [command(`argv = ["{wav16}"]\n${output}`), '`argv` must be a list that begins with a program'],
    [command(`argv = ["x", 1]\n${output}`), '`argv` must be a list that begins with a program'],
    [command(`argv = ["x"]\n${output}`), '`argv` must contain {wav16} or {file}'],
    [
      command(`argv = ["x", "{wav16}", ["{lang}"]]\n${output}`),
      '`argv` contains the unknown placeholder {lang}',
    ],
    [command(`argv = ["x", "{wav16}"]\nreads = "file"\n${output}`), 'so `reads` must be "wav16"'],
    [command(`argv = ["x", "{wav16}", "{threads}"]\n${output}`), 'so `threads` must be set'],
    [command('argv = ["x", "{file}"]\noutput = { kind = "text" }'), '`output` must set `kind` and `from`'],
    [
      command('argv = ["x", "{file}"]\noutput = { kind = "text", from = "../../etc/x" }'),
      '`from` must be "stdout" or a file',
    ],
    [
      command('argv = ["x", "{file}"]\noutput = { kind = "text", from = "{outdir}/../x" }'),
      '`from` must be "stdout" or a file',
    ],
    [
      command('argv = ["x", "{file}"]\noutput = { kind = "text", from = "stdout", mep = 1 }'),
      'unknown key `mep` (did you mean `map`)',
    ],
    [
      command('argv = ["x", "{file}"]\noutput = { kind = "srt", from = "stdout", map = { text = "a" } }'),
      '`output.map` requires `output.kind = "json"`',
    ],
    [command(`argv = ["x", "{file}"]\nok = []\n${output}`), '`ok` must be a list of exit codes'],
    ['id = "whisper-cpp"\n[[transcription.engines]]\nid = "whisper-cpp"', '"whisper-cpp" is defined twice'],
  ];
  test.each(rows)('%s', (lines, expected) => {
    const message = problem(table(lines));
    expect(message).toContain(
      '`transcription.engines` must be tables, each with an id and the keys of its kind: ',
    );
    expect(message).toContain(expected);
    expect(message).not.toContain('sk-secret');
  });

  test('anything but a list of tables is rejected', () => {
    expect(problem('[transcription]\nengines = "whisper"')).toContain(
      '`transcription.engines` must be tables',
    );
    expect(problem('[transcription]\nengines = ["whisper"]')).toContain(
      'in number 1, the item is not a table',
    );
  });
});

test('headers are masked, because they may contain keys', () => {
  const shown = engines().shown?.(
    loaded(table('id = "openai"\nurl = "https://x"\nheaders = { "X-Key" = "sk-1" }')),
  );
  expect(shown).toEqual([
    { id: 'openai', kind: 'openai', url: 'https://x', headers: { 'X-Key': '********' } },
  ]);
});
