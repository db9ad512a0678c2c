// A conversation by ids reaches the upstream as the same one whose client sends everything each time, byte for byte, and each
// turn begins with the whole turn before it: the prompt cache follows the exact prefix.
import { expect, test } from 'bun:test';
import { openaiResponses } from '../../src/apis/openai/responses/index.ts';
import { findEarlier } from '../../src/apis/openai/routes/earlier.ts';
import { KeptResponse } from '../../src/apis/openai/routes/kept-response.ts';
import { createLog } from '../../src/log.ts';
import type { OutputItem, ResponsesResponse } from '../../src/responses/response.ts';
import { nothingEarlier, type RequestContext } from '../../src/responses/translator.ts';
import { MemoryEntries } from '../../src/store/memory.ts';
import { ResponseStore } from '../../src/store/response-store.ts';
import { RunningResponses } from '../../src/store/running-responses.ts';
import { completeHistory } from '../../src/turns/history.ts';
import { rememberReasoning } from '../../src/turns/reasoning.ts';
import { memoryLimits, ReasoningMemory } from '../../src/turns/reasoning-memory.ts';
import { randomFrom } from './turns.ts';

type Item = Record<string, unknown>;
const owner = 'owner';
const context: RequestContext = {
  headers: new Headers(),
  reasoningStyle: 'reasoning_content',
  reasoningSummary: 'auto',
};
const tools = ['look', 'mcp.server.tool with a long name'.repeat(3)].map((name) => ({
  type: 'function',
  name,
  parameters: { type: 'object', properties: {} },
  strict: false,
}));

function conversationWith(random: () => number) {
  const log = createLog({ level: 'silent', format: 'json', write: () => {} });
  const limits = { ttlMs: 1e9, entries: 1e6, bytes: 1e9 };
  const store = new ResponseStore(new MemoryEntries(limits, () => 0), log);
  const running = new RunningResponses();
  const memory = new ReasoningMemory(memoryLimits, () => 0).storeFor({ account: '', caller: '', model: '' });
  const oneOf = <T>(...all: T[]): T => all[Math.floor(random() * all.length)] as T;
  const include = oneOf([], ['reasoning.encrypted_content']);
  let ids = 0;
  let last: ResponsesResponse | undefined;
  /** What a client that keeps its history has of it. */
  const history: Item[] = [];
  const byReference: Item[] = [];

  const text = () => oneOf('Hi.', 'Grüße 🌞', 'x'.repeat(500), '{"a": 1.0}', ' ');
  const ownItems = (): Item[] => {
    const calls = ((last?.output ?? []) as Item[]).filter(({ type }) =>
      /^(function|custom_tool)_call$/.test(String(type)),
    );
    const outputs = calls.map(({ type, call_id }) => ({ type: `${type}_output`, call_id, output: text() }));
    const messages: Item[] = [
      { role: 'user', content: text() },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: text() }] },
      { role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }] },
      { role: 'system', content: text() },
    ];
    return [...outputs, ...(outputs.length > 0 && random() < 0.7 ? [] : [oneOf(...messages)])];
  };
  const newId = (prefix: string) => `${prefix}_${++ids}`;
  const outputOf = (): OutputItem[] => {
    const reasoning = (): Item => ({
      type: 'reasoning',
      id: newId('rs'),
      summary: oneOf<Item[]>([], [{ type: 'summary_text', text: text() }]),
      encrypted_content: `gAAAA${ids}`,
    });
    const message = (): Item => ({
      type: 'message',
      id: newId('msg'),
      status: 'completed',
      role: 'assistant',
      content: [
        { type: 'output_text', text: text(), annotations: oneOf<Item[]>([], [{ type: 'url_citation' }]) },
      ],
      ...oneOf({}, { phase: 'commentary' }, { phase: null }),
    });
    const call = (): Item => ({
      ...oneOf<Item>(
        { type: 'function_call', id: newId('fc'), name: 'look', arguments: '{"n": 1.10}' },
        { type: 'custom_tool_call', id: newId('ctc'), name: 'patch', input: text() },
        { type: 'function_call', id: newId('fc'), name: upstreamName, arguments: '' },
      ),
      status: 'completed',
      call_id: newId('call'),
    });
    const search = (): Item => ({
      type: 'web_search_call',
      id: newId('ws'),
      status: 'completed',
      action: {},
    });
    const image = (): Item => ({ type: 'image_generation_call', id: newId('ig'), result: 'AAAA' });
    const steps = [[reasoning, message], [reasoning, call, call], [message], [reasoning, search, message]];
    const items = [...oneOf(...steps), ...oneOf([], [call], [image, message])].map((make) => make());
    return items as unknown as OutputItem[];
  };

  /** What goes upstream for a body, and what the client gets. */
  async function sent(body: Item, isOn = true) {
    const earlier = await findEarlier(body, owner, { store: isOn ? store : undefined, running }, 1e9);
    const translation = openaiResponses.request(
      { model: 'gpt-5.5', tools, include, ...body },
      { ...context, earlier: earlier ?? nothingEarlier },
    );
    const { input } = completeHistory(translation.request.input, memory);
    return { translation, earlier, input };
  }

  return async function turn(): Promise<string[]> {
    const own = ownItems();
    const previous = last === undefined ? {} : { previous_response_id: last.id };
    const byId = await sent({ input: own, ...previous });
    const whole = await sent({ input: [...history, ...own] });
    const unstored = await sent({ input: [...history, ...own], store: false }, false);
    const referring = await sent({ input: [...byReference, ...own] });
    const kept = new KeptResponse({
      ...{ owner, store, running, input: byId.translation.ownInput },
      previous: byId.earlier?.previous ?? [],
      previousSize: byId.earlier?.size ?? 0,
      showsEncrypted: byId.translation.showEncrypted,
      show: (response) =>
        openaiResponses.whole(response, { ...byId.translation, showEncrypted: true }) as ResponsesResponse,
      abort: () => {},
    });
    const response = { id: newId('resp'), status: 'completed' };
    const output = outputOf();
    kept.follow({ type: 'response.created', response: { ...response, status: 'in_progress' } });
    for (const item of output) kept.follow({ type: 'response.output_item.done', output_index: 0, item });
    kept.follow({ type: 'response.completed', response });
    expect(await kept.settle()).toEqual([]);
    kept.end();
    rememberReasoning(byId.translation.request.input, output, memory);
    last = openaiResponses.whole({ ...response, output }, byId.translation) as ResponsesResponse;
    const seen = (last.output ?? []) as unknown as Item[];
    history.push(...own, ...seen);
    byReference.push(...own, ...seen.map(({ id }) => oneOf<Item>({ type: 'item_reference', id }, { id })));
    return [byId, whole, unstored, referring].map(({ input }) => JSON.stringify(input));
  };
}

const { request } = openaiResponses.request({ model: 'm', input: 'x', tools }, context);
const upstreamName = String((request.tools ?? []).map((tool) => (tool as Item).name).at(-1));

test('200 conversations of 6 turns', async () => {
  const seed = 20_261_201;
  const random = randomFrom(seed);
  for (let round = 0; round < 200; round++) {
    const turn = conversationWith(random);
    let before = '[';
    for (let step = 0; step < 6; step++) {
      const [byId = '', ...others] = await turn();
      const where = `seed ${seed}, round ${round}, turn ${step}`;
      for (const other of others) {
        if (byId !== other)
          expect({ where, input: JSON.parse(byId) }).toEqual({ where, input: JSON.parse(other) });
        expect(byId).toBe(other);
      }
      if (!byId.startsWith(before)) throw new Error(`${where}: ${byId} does not begin with ${before}`);
      before = byId.slice(0, -1);
    }
  }
});
