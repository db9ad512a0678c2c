// The official client under Node, whose fetch differs from Bun's. Run by node.test.ts; prints its results as a JSON
// object.
import OpenAI, { APIError, APIUserAbortError } from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'anything', maxRetries: 0 });
const say = (text) => ({ model: 'gpt-5.5', messages: [{ role: 'user', content: text }] });

async function thrownBy(work) {
  try {
    await work;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

function told(thrown) {
  const { status = null, code = null } = thrown;
  return { is: thrown.constructor.name, api: thrown instanceof APIError, status, code };
}

const whole = await client.chat.completions.create(say('Say plover.'));
const folded = await client.chat.completions.stream(say('Say plover.')).finalChatCompletion();
const response = await client.responses.create({ model: 'gpt-5.5', input: 'Say plover.' });
const foldedResponse = await client.responses
  .stream({ model: 'gpt-5.5', input: 'Say plover.' })
  .finalResponse();

const cities = [];
const answer = await client.chat.completions
  .runTools({
    ...say('What is the weather in Oslo and Rome?'),
    stream: true,
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          parse: JSON.parse,
          function: ({ city }) => {
            cities.push(city);
            return `${city} is sunny`;
          },
        },
      },
    ],
  })
  .finalContent();

const unknown = await thrownBy(client.chat.completions.create({ ...say('x'), model: 'gpt-nope' }));
const tooLarge = await thrownBy(client.chat.completions.create(say('a'.repeat(40 * 1024 * 1024))));

for await (const _ of process.stdin);
const long = await client.chat.completions.create({ ...say('Count.'), stream: true });
for await (const { choices } of long) if (choices[0].delta.content) break;
long.controller.abort();
const controller = new AbortController();
const leaving = thrownBy(client.chat.completions.create(say('Wait.'), { signal: controller.signal }));
setTimeout(() => controller.abort(), 50);

console.log(
  JSON.stringify({
    node: process.version,
    whole: whole.choices[0].message.content,
    folded: folded.choices[0].message.content,
    response: response.output_text,
    foldedResponse: foldedResponse.output_text,
    tools: { cities, answer },
    models: (await client.models.list()).data.length,
    unknown: told(unknown),
    tooLarge: told(tooLarge),
    left: (await leaving) instanceof APIUserAbortError,
  }),
);
