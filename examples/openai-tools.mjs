// Lets the model call a function of this program. npm install openai
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: 'http://127.0.0.1:8787/v1', apiKey: 'anything' });

const functions = {
  get_weather: ({ city }) => ({ city, celsius: 21, sky: 'clear' }),
};
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The current weather in a city.',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

const messages = [{ role: 'user', content: 'Call get_weather for Oslo, then describe it.' }];
for (;;) {
  const { choices } = await client.chat.completions.create({ model: 'gpt-5.5', messages, tools });
  const { message } = choices[0];
  messages.push(message);
  if (!message.tool_calls?.length) {
    console.log(message.content);
    break;
  }
  for (const { id, function: call } of message.tool_calls) {
    const result = functions[call.name](JSON.parse(call.arguments));
    console.error(`${call.name} ${call.arguments} = ${JSON.stringify(result)}`);
    messages.push({ role: 'tool', tool_call_id: id, content: JSON.stringify(result) });
  }
}
