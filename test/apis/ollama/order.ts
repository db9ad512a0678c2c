// Checks the order of lines in an Ollama stream, from its bytes alone (docs/wire/ollama.md).

export interface Json {
  // biome-ignore lint/suspicious/noExplicitAny: wire values under test, of any shape
  [key: string]: any;
}

export function linesOf(text: string): Json[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Json);
}

const doneReasons = ['stop', 'length', 'load', 'unload'];
const numbers = [
  'total_duration',
  'load_duration',
  'prompt_eval_count',
  'prompt_eval_duration',
  'eval_count',
  'eval_duration',
];

/** The problems of a stream, one sentence each. */
export function ollamaOrderFaults(text: string, route: 'chat' | 'generate'): string[] {
  const faults: string[] = [];
  const must = (condition: boolean, rule: string) => {
    if (!condition) faults.push(rule);
  };
  must(text.endsWith('\n'), 'every line ends with a line feed');
  const lines: Json[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    try {
      lines.push(JSON.parse(line) as Json);
    } catch {
      faults.push(`a line is one JSON object: ${line}`);
    }
  }
  let calls = 0;
  for (const [index, line] of lines.entries()) {
    const last = index === lines.length - 1;
    if ('error' in line) {
      must(last, 'an error is the last line');
      must(Object.keys(line).length === 1 && typeof line.error === 'string', 'an error is one text');
      continue;
    }
    must(typeof line.model === 'string' && line.model !== '', 'a line names the model');
    must(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d+Z$/.test(line.created_at), 'a line has its time');
    must(line.done === last, 'done is true in the last line, and nowhere else');
    const message = route === 'chat' ? line.message : { ...line, content: line.response };
    must(typeof message?.content === 'string', 'the answer is a text in every line');
    if (route === 'chat') {
      must(message?.role === 'assistant', 'the role is in every line');
      must(!('response' in line), 'chat has no response');
    } else must(!('message' in line), 'generate has no message');
    must(message?.thinking !== '', 'thinking holds something');
    const payloads = [message?.content, message?.thinking, message?.tool_calls].filter(Boolean);
    must(payloads.length <= (last ? 0 : 1), 'a line has one kind of payload, the last one none');
    for (const call of message?.tool_calls ?? []) {
      must(typeof call.id === 'string' && call.id !== '', 'a call has an id');
      must(call.function?.index === calls++, 'calls are counted');
      must(typeof call.function?.name === 'string', 'a call has a name');
      const given: unknown = call.function?.arguments;
      must(typeof given === 'object' && given !== null && !Array.isArray(given), 'arguments are an object');
    }
    if (!line.done) continue;
    must(doneReasons.includes(line.done_reason), `a known done_reason: ${line.done_reason}`);
    if (line.done_reason === 'load' || line.done_reason === 'unload') continue;
    for (const name of numbers) {
      const least = name.endsWith('_duration') ? 1 : 0;
      must(
        Number.isInteger(line[name]) && line[name] >= least,
        `${name} is a whole number of at least ${least}`,
      );
    }
  }
  must(lines.length > 0, 'a stream says something');
  return faults;
}

/** The whole response that the lines add up to, as users of the official client fold them. Throws for an error. */
export function fold(text: string, route: 'chat' | 'generate'): Json {
  const lines = linesOf(text);
  const error = lines.find((line) => 'error' in line);
  if (error !== undefined) throw new Error(error.error);
  const messages = lines.map(
    (line) => (route === 'chat' ? line.message : { ...line, content: line.response }) as Json,
  );
  const content = messages.map((each) => each.content).join('');
  const thinking = messages.map((each) => each.thinking ?? '').join('');
  const calls = messages.flatMap((each) => each.tool_calls ?? []);
  const { message: _m, response: _r, ...ending } = lines.at(-1) as Json;
  const thought = thinking === '' ? {} : { thinking };
  if (route === 'generate') return { ...ending, response: content, ...thought };
  const called = calls.length === 0 ? {} : { tool_calls: calls };
  return { ...ending, message: { role: 'assistant', content, ...thought, ...called } };
}
