// Paths to handlers, in the forms that clients use (docs/wire/openai.md#missing-endpoints, #methods).
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import {
  type Handler,
  handlerOf,
  methodsOf,
  normalPath,
  type Route,
  Router,
  urlOf,
} from '../../src/server/router.ts';

const answer: Handler = () => new Response();
const routes: Route[] = [
  { path: '/v1/chat/completions', methods: { POST: answer } },
  { path: '/v1/models', methods: { GET: answer } },
  { path: '/v1/models/:id', methods: { GET: answer, DELETE: answer } },
  { path: '/v1/responses/:id', methods: { GET: answer } },
  { path: '/v1/responses/:id/cancel', methods: { POST: answer } },
  { path: '/v1/responses/compact', methods: { POST: answer } },
  { path: '/health', methods: { GET: answer } },
];
const router = new Router(routes);
const matched = (url: string) => {
  const match = router.match(normalPath(urlOf({ url, headers: new Headers({ host: 'x' }) }).pathname));
  return match === undefined ? undefined : [match.route.path, match.params];
};
const thrownBy = (act: () => unknown): Failure => {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
};

describe('where a path leads', () => {
  const chat = ['/v1/chat/completions', {}];
  const cases: [path: string, match: unknown][] = [
    ['/v1/chat/completions', chat],
    ['/chat/completions', chat],
    ['/v1/v1/chat/completions', chat],
    ['//v1//chat/completions', chat],
    ['/v1/chat/completions/', chat],
    ['/v1/chat/completions//', chat],
    ['/v1/chat/completions?a=b', chat],
    ['/v1/chat/completions#x', chat],
    ['/models', ['/v1/models', {}]],
    ['/v1/models/', ['/v1/models', {}]],
    ['/v1/models/gpt-5.5', ['/v1/models/:id', { id: 'gpt-5.5' }]],
    ['/models/gpt-5.5', ['/v1/models/:id', { id: 'gpt-5.5' }]],
    ['/v1/models/openai/gpt-5.5', ['/v1/models/:id', { id: 'openai/gpt-5.5' }]],
    ['/v1/models/openai%2Fgpt-5.5', ['/v1/models/:id', { id: 'openai/gpt-5.5' }]],
    ['/v1/models/gpt%3Ahigh', ['/v1/models/:id', { id: 'gpt:high' }]],
    ['/v1/models/%zz', ['/v1/models/:id', { id: '%zz' }]],
    ['/health', ['/health', {}]],
    ['/v1/responses/resp_1', ['/v1/responses/:id', { id: 'resp_1' }]],
    ['/v1/responses/resp_1/cancel', ['/v1/responses/:id/cancel', { id: 'resp_1' }]],
    ['/responses/resp%2F1/cancel/', ['/v1/responses/:id/cancel', { id: 'resp/1' }]],
    ['/v1/responses/cancel', ['/v1/responses/:id', { id: 'cancel' }]],
    ['/v1/responses/a/b/cancel', ['/v1/responses/:id', { id: 'a/b/cancel' }]],
    ['/v1/responses/resp_1/cancelled', ['/v1/responses/:id', { id: 'resp_1/cancelled' }]],
    ['/v1/responses/compact', ['/v1/responses/compact', {}]],
    ['/v1/health', undefined],
    ['/V1/models', undefined],
    ['/v1/modelsx', undefined],
    ['/v1', undefined],
    ['/', undefined],
    ['/v1/chat', undefined],
    ['/v1/../v1/models', ['/v1/models', {}]],
  ];
  test.each(cases)('%s', (path, match) => {
    expect(matched(`http://127.0.0.1:8787${path}`)).toEqual(match as never);
  });

  test('the host is of no matter, as long as it is one', () => {
    expect(matched('http://evil.example/v1/models')).toEqual(['/v1/models', {}]);
    for (const url of ['http://[/v1/models', '/v1/models', 'http://evNaNl:99999999/']) {
      expect(thrownBy(() => urlOf({ url, headers: new Headers({ host: 'x' }) }))).toMatchObject({
        status: 400,
        code: 'invalid_host',
      });
    }
  });

  test('HTTP/1.0 has no Host: then the URL is only a path', () => {
    expect(urlOf({ url: '/v1/models?limit=2', headers: new Headers() }).href).toBe(
      'http://localhost/v1/models?limit=2',
    );
  });

  test('the root stays a slash', () => {
    expect([normalPath('/'), normalPath('//'), normalPath('/v1/')]).toEqual(['/', '/', '/v1']);
  });
});

describe('methods', () => {
  const models = routes[2] as Route;

  test('HEAD is answered by GET', () => {
    expect(handlerOf(models, 'HEAD', '/x')).toBe(answer);
    expect(methodsOf(models.methods)).toEqual(['GET', 'HEAD', 'DELETE']);
    expect(methodsOf({ POST: answer })).toEqual(['POST']);
  });

  test.each(['POST', 'PATCH', 'constructor', 'toString', '__proto__'])(
    '%s is not allowed there: 405',
    (method) => {
      expect(thrownBy(() => handlerOf(models, method, '/v1/models/x'))).toMatchObject({
        kind: 'invalid_request',
        status: 405,
        code: 'method_not_allowed',
        advice: 'Use GET or HEAD or DELETE.',
      });
    },
  );
});

test('the most specific path wins, whatever the order of the routes', () => {
  const methods = { GET: () => new Response() };
  const router = new Router([
    { path: '/api/:rest', methods },
    { path: '/api/blobs/:digest', methods },
  ]);
  expect(router.match('/api/blobs/sha256:29fd')?.params).toEqual({ digest: 'sha256:29fd' });
  expect(router.match('/api/other/thing')?.params).toEqual({ rest: 'other/thing' });
});
