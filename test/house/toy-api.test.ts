// An API is one folder and one line of the list. This one is a file, and gets routes, failures, `explain`, the README's
// table and the property tests without another change.
import { describe, expect, test } from 'bun:test';
import { endpointTable } from '../../scripts/endpoint-table.ts';
import type { Api } from '../../src/apis/api.ts';
import { turnEndpoint } from '../../src/apis/api.ts';
import { endpointAt, endpointFor } from '../../src/apis/explained.ts';
import { apis as allApis } from '../../src/apis/index.ts';
import { explainRequest } from '../../src/app/explain.ts';
import { Failure } from '../../src/failure.ts';
import { DeltaEvent } from '../../src/responses/event.ts';
import { isObject } from '../../src/responses/fields.ts';
import { emitEvents } from '../../src/responses/response-events.ts';
import type { Translation, Translator } from '../../src/responses/translator.ts';
import { demoDaemon } from '../app/support.ts';
import { describeTranslator } from '../properties/translator.ts';

/** `{"say": TEXT}` returns lines of text: `+ text`, then `. end`, or `! reason`. */
const toyTranslator: Translator = {
  name: 'toy-say',
  contentType: 'text/plain',
  repeatsText: false,
  request: toyRequest,
  stream: () => {
    let finished = false;
    return {
      push(event) {
        if (event instanceof DeltaEvent) return isText(event) ? `+ ${JSON.stringify(event.delta)}\n` : '';
        finished = event.type === 'response.completed' || event.type === 'response.incomplete';
        return finished ? '. end\n' : '';
      },
      get finished() {
        return finished;
      },
      fail: ({ message }) => `! ${JSON.stringify(message)}\n`,
      heartbeat: () => '\n',
    };
  },
  whole: (response) => {
    let said = '';
    emitEvents(response, (event) => {
      if (event instanceof DeltaEvent && isText(event)) said += event.delta;
    });
    return { said };
  },
  failure: toyFailure,
};

function toyRequest(body: unknown): Translation {
  if (!isObject(body) || typeof body.say !== 'string') {
    throw new Failure('invalid_request', '`say` must be a text.', { param: 'say' });
  }
  const input = [{ type: 'message' as const, role: 'user' as const, content: body.say }];
  const model = typeof body.model === 'string' ? body.model : 'gpt-5.5';
  return { model, stream: body.stream === true, request: { model, input }, dropped: [] };
}

function toyFailure(failure: Failure) {
  return { status: failure.status, headers: {}, body: { toy: failure.message } };
}

function isText({ type }: DeltaEvent): boolean {
  return type === 'response.output_text.delta';
}

const toy: Api = {
  name: 'toy',
  endpoints: [turnEndpoint(toyTranslator, 'strict', { path: '/toy/say', summary: 'says it' })],
  failure: toyFailure,
  recognize: ({ say }) => (say === undefined ? undefined : '/toy/say'),
};

const apis = [...allApis, toy];

function toyOrderFaults(text: string): string[] {
  const lines = text.split('\n').slice(0, -1);
  const last = lines.at(-1);
  const faults = lines.slice(0, -1).filter((line) => !/^\+ "/.test(line));
  return last !== undefined && /^(?:\. end|! ")/.test(last) ? faults : [...faults, `ends with ${last}`];
}

describeTranslator(toyTranslator, { body: { say: 'x' }, faults: toyOrderFaults }, 500);

describe('a toy API', () => {
  const post = (url: string, body: object) =>
    fetch(`${url}/toy/say`, { method: 'POST', body: JSON.stringify(body), proxy: false } as RequestInit);

  test('has a route, streaming or not', async () => {
    await using running = await demoDaemon(apis);
    const whole = (await (await post(running.url, { say: 'Hi.' })).json()) as { said: string };
    expect(whole.said.length).toBeGreaterThan(0);
    const streamed = await (await post(running.url, { say: 'Hi.', stream: true })).text();
    expect(streamed).toEndWith('. end\n');
  });

  test('has its own failures', async () => {
    await using running = await demoDaemon(apis);
    const response = await post(running.url, {});
    expect([response.status, await response.json()]).toEqual([400, { toy: '`say` must be a text.' }]);
    const wrongMethod = await fetch(`${running.url}/toy/say`, { proxy: false } as RequestInit);
    expect([wrongMethod.status, Object.keys((await wrongMethod.json()) as object)]).toEqual([405, ['toy']]);
  });

  test('is on the card and in the table', async () => {
    await using running = await demoDaemon(apis);
    const card = (await (await fetch(running.url, { proxy: false } as RequestInit)).json()) as {
      apis: string[];
    };
    expect(card.apis).toContain('/toy/say');
    expect(endpointTable(apis)).toContain('| `POST /toy/say` | says it |');
  });

  test('is explained', async () => {
    await using running = await demoDaemon(apis);
    const body = { say: 'Hi.' };
    const endpoint = endpointFor(apis, body);
    expect(endpoint).toBe(endpointAt(apis, 'toy/say'));
    if (endpoint === undefined) throw new Error('not recognized');
    const explained = await explainRequest(endpoint, body, running.setup({}));
    expect(explained).toMatchObject({ route: 'POST /toy/say', dropped: [] });
    expect(JSON.stringify(explained.body)).toContain('Hi.');
  });
});
