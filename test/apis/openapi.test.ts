// `/openapi.json` is valid, describes every documented endpoint, and matches what the daemon does.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { apis } from '../../src/apis/index.ts';
import { demoDaemon, type Running } from '../app/support.ts';

interface Operation {
  tags: string[];
  operationId: string;
  summary: string;
  security?: object[];
  requestBody?: { content: Record<string, object> };
  responses: Record<string, { content: Record<string, object> }>;
}
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, { content: Record<string, { example: object }> }> };
};

let running: Running;
let document: Document;
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(running.url + path, { headers, redirect: 'manual', proxy: false } as RequestInit);

beforeAll(async () => {
  running = await demoDaemon();
  document = (await (await get('/openapi.json')).json()) as Document;
});
afterAll(() => running[Symbol.asyncDispose]());

test('it is valid', async () => {
  expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
  const broken = { ...structuredClone(document), paths: { 'no-slash': {} } };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test('every documented endpoint of every API is there', () => {
  const documented = apis.flatMap(({ endpoints }) =>
    endpoints.filter(({ summary }) => summary !== undefined),
  );
  const paths = documented.map(({ path }) => path.replace(/:(\w+)/g, '{$1}'));
  expect(Object.keys(document.paths).sort()).toEqual([...new Set(paths)].sort());
});

test('operations have IDs of their own', () => {
  const ids = Object.values(document.paths).flatMap((item) =>
    Object.values(item).flatMap(({ operationId }) => operationId ?? []),
  );
  expect(ids).toContain('postV1ChatCompletions');
  expect(ids).toContain('getV1ResponsesId');
  expect(new Set(ids).size).toBe(ids.length);
});

test('a path of several APIs has one operation, with the tags of all', () => {
  expect(document.paths['/v1/models']?.get?.tags).toEqual(['openai', 'anthropic']);
});

test('what is always refused is not there', () => {
  const methods = (path: string) => Object.keys(document.paths[path] ?? {});
  expect(methods('/v1/chat/completions')).toEqual(['post']);
  expect(methods('/v1/models/{id}')).toEqual(['parameters', 'get']);
});

test('what a turn may return', () => {
  const { requestBody, responses } = document.paths['/v1/messages']?.post ?? {};
  expect(Object.keys(requestBody?.content ?? {})).toEqual(['application/json']);
  expect(Object.keys(responses?.[200]?.content ?? {})).toEqual(['application/json', 'text/event-stream']);
  expect(Object.keys(document.paths['/api/chat']?.post?.responses[200]?.content ?? {})).toContain(
    'application/x-ndjson',
  );
  expect(Object.keys(document.paths['/v1/audio/transcriptions']?.post?.requestBody?.content ?? {})).toContain(
    'multipart/form-data',
  );
});

test("failures have each API's own form", () => {
  const example = (name: string) => document.components.responses[name]?.content['application/json']?.example;
  expect(example('anthropicFailure')).toMatchObject({
    type: 'error',
    error: { type: 'authentication_error' },
  });
  expect(example('openaiFailure')).toMatchObject({ error: { code: 'invalid_api_key' } });
  expect(example('ollamaFailure')).toMatchObject({ error: expect.any(String) });
});

describe('the daemon', () => {
  test('returns the content types of the document', async () => {
    for (const [path, { get: operation }] of Object.entries(document.paths)) {
      if (operation === undefined || path.includes('{')) continue;
      const { status, headers } = await get(path);
      const type = headers.get('content-type')?.split(';')[0];
      const declared = Object.keys(operation.responses[200]?.content ?? {});
      if (status === 200) expect([path, declared.includes(type ?? '')]).toEqual([path, true]);
    }
  });

  test('requires a key except where the document says so', async () => {
    running.daemon.reload(running.setup({ 'api-key': 'a-long-secret-key-1234' }));
    for (const [path, { get: operation }] of Object.entries(document.paths)) {
      if (operation === undefined || path.includes('{')) continue;
      const { status } = await get(path);
      expect([path, status === 401]).toEqual([path, operation.security === undefined]);
    }
  });
});
