// Daemons that share stored responses through Redis, with the official client: a conversation goes on when one of them dies,
// and turns go on when Redis does.
import { describe, expect, test } from 'bun:test';
import type OpenAI from 'openai';
import { installedRedis, type RunningRedis, startRedis } from '../support/redis.ts';
import { useSimulator } from '../support/simulator.ts';
import { until } from '../support/until.ts';
import { clientOf, type RunningDaemon, startDaemon, thrownBy, turnsSent } from './daemon.ts';

const simulator = useSimulator();
const redis = installedRedis();
if ('why' in redis) console.warn(`skipped: ${redis.why}`);

const model = 'gpt-5.5';
const tool: OpenAI.Responses.FunctionTool = { type: 'function', name: 'look', parameters: {}, strict: false };

function startSharing(server: RunningRedis): Promise<RunningDaemon> {
  const env = { CODEXD_STORE_KIND: 'redis', CODEXD_STORE_REDIS_URL: server.url };
  return startDaemon({ simulator, env });
}

describe.skipIf('why' in redis)('two daemons and a Redis', () => {
  test('a conversation of five turns, while one daemon is killed', async () => {
    simulator.script(
      { reasoning: ['First.'], text: 'One.' },
      { reasoning: ['Look.'], calls: [{ name: 'look', arguments: '{}' }] },
      { text: 'Three.' },
      { text: 'Four.' },
      { text: 'Five.' },
    );
    await using server = await startRedis();
    await using doomed = await startSharing(server);
    await using other = await startSharing(server);
    const responses: OpenAI.Responses.Response[] = [];
    const turn = async (
      daemon: RunningDaemon,
      input: string | OpenAI.Responses.ResponseInput,
      stream = false,
    ) => {
      const last = responses.at(-1);
      const params = {
        model,
        tools: [tool],
        input,
        ...(last === undefined ? {} : { previous_response_id: last.id }),
      };
      const client = clientOf(daemon);
      responses.push(
        stream
          ? await client.responses.stream(params).finalResponse()
          : await client.responses.create(params),
      );
    };
    await turn(doomed, 'First?');
    await turn(other, 'Second?', true);
    const call = responses[1]!.output.find((item) => item.type === 'function_call')!;
    await turn(doomed, [{ type: 'function_call_output', call_id: call.call_id, output: 'Seen.' }], true);
    doomed.kill('SIGKILL');
    await doomed.exited;
    await turn(other, 'Fourth?');
    await using third = await startSharing(server);
    await turn(third, 'Fifth?', true);

    expect(responses.map(({ output_text }) => output_text)).toEqual(['One.', '', 'Three.', 'Four.', 'Five.']);
    const sent = turnsSent(simulator).map(({ body }) => JSON.stringify(body.input));
    for (const [index, input] of sent.entries()) {
      expect(sent[index + 1] ?? input).toStartWith(input.slice(0, -1));
    }
    const keys = turnsSent(simulator).map(({ body }) => body.prompt_cache_key);
    expect(new Set(keys).size).toBe(1);
    const found = await clientOf(third).responses.retrieve(responses[0]!.id);
    expect(found.output_text).toBe('One.');
    await clientOf(third).responses.delete(found.id);
    expect(await thrownBy(clientOf(other).responses.retrieve(found.id))).toMatchObject({ status: 404 });
  }, 30_000);

  test('without Redis turns go on unstored, references fail by name, and it recovers', async () => {
    const server = await startRedis();
    await using daemon = await startSharing(server);
    const client = clientOf(daemon);
    const first = await client.responses.create({ model, input: 'One.' });
    await server.stop();
    for (const stream of [false, true]) {
      const { data, response } = await client.responses
        .create({ model, input: 'Two.', stream } as OpenAI.Responses.ResponseCreateParamsNonStreaming)
        .withResponse();
      expect(response.headers.get('x-codexd-ignored')).toBe('store');
      if (!stream) expect(data).toMatchObject({ store: false, status: 'completed' });
      else for await (const _ of data as unknown as AsyncIterable<unknown>);
    }
    const unavailable = { status: 503, code: 'response_store_unavailable' };
    expect(await thrownBy(client.responses.retrieve(first.id))).toMatchObject(unavailable);
    const next = client.responses.create({ model, input: 'Two.', previous_response_id: first.id });
    expect(await thrownBy(next)).toMatchObject(unavailable);
    expect(daemon.stderr().match(/the response store is unavailable/g)).toHaveLength(1);
    await using again = await startRedis(server.port);
    await until(async () => {
      const { data, response } = await client.responses.create({ model, input: 'Three.' }).withResponse();
      if (response.headers.get('x-codexd-ignored') !== null) return false;
      return (await client.responses.retrieve(data.id)).id === data.id;
    });
    expect(again.port).toBe(server.port);
    await daemon.says(/the response store is available again/);
  }, 30_000);
});
