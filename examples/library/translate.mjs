// The translators alone: what a chat request becomes, and a recorded upstream stream as chat chunks. Pure, without a login.
import { collect, translators } from 'codexd/translators';

const { chat } = translators.openai;
const translation = chat.request({
  model: 'gpt-5.5',
  messages: [{ role: 'user', content: 'Hello!' }],
  seed: 7,
});
console.log(JSON.stringify(translation.request));
console.log(JSON.stringify(translation.dropped));

const upstream = [
  { type: 'response.created', response: { id: 'resp_1' } },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { type: 'message', id: 'msg_1', role: 'assistant', content: [] },
  },
  {
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: 'Hello.',
  },
  {
    type: 'response.output_item.done',
    output_index: 0,
    item: {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Hello.' }],
    },
  },
  { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } },
].map((event) => `data: ${JSON.stringify(event)}\n\n`);

const stream = chat.stream(translation);
for (const chunk of upstream) process.stdout.write(stream.push(chunk));
process.stdout.write(stream.end());

console.log(JSON.stringify(chat.whole(await collect(upstream), translation)));
