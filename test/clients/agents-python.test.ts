// The same agent loops with OpenAI's and Ollama's Python libraries.
import { beforeEach, describe, expect, test } from 'bun:test';
import { installPythonSdks, runPython } from '../promises/python.ts';
import { installFromPip, succeeds } from '../support/install.ts';
import { agentSteps, expectReasoningKept, finalText, model, prompt } from './agents-support.ts';
import { turnsSent, useWorld } from './daemon.ts';

const world = useWorld();
const python = installPythonSdks();
if ('why' in python) console.warn(`skipped: ${python.why}`);
const ollama = installedOllama();
if ('why' in ollama) console.warn(`skipped: ${ollama.why}`);

/** Python with Ollama's library, installed if necessary. */
function installedOllama(): { path: string } | { why: string } {
  const path = installFromPip('python-ollama-0.6.1', ['ollama==0.6.1']);
  if (path === undefined) return { why: 'pip could not install ollama 0.6.1' };
  return succeeds([path, '-c', 'import ollama'])
    ? { path }
    : { why: 'ollama 0.6.1 does not run on this machine' };
}

const weather = `
def weather(city):
    return f"{city} is sunny"
schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
`;
const chat = `${weather}
import json, sys
from openai import OpenAI
client = OpenAI(base_url=sys.argv[1] + "/v1", api_key="anything", max_retries=0)
tools = [{"type": "function", "function": {"name": "get_weather", "parameters": schema}}]
messages = [{"role": "user", "content": sys.argv[3]}]
while True:
    message = client.chat.completions.create(model=sys.argv[2], messages=messages, tools=tools).choices[0].message
    messages.append(message)
    if not message.tool_calls:
        break
    for call in message.tool_calls:
        result = weather(json.loads(call.function.arguments)["city"])
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
print(message.content)
`;
const responses = `${weather}
import json, sys
from openai import OpenAI
client = OpenAI(base_url=sys.argv[1] + "/v1", api_key="anything", max_retries=0)
tools = [{"type": "function", "name": "get_weather", "parameters": schema, "strict": False}]
items = [{"role": "user", "content": sys.argv[3]}]
while True:
    response = client.responses.create(model=sys.argv[2], input=items, tools=tools)
    items += response.output
    calls = [item for item in response.output if item.type == "function_call"]
    if not calls:
        break
    for call in calls:
        result = weather(json.loads(call.arguments)["city"])
        items.append({"type": "function_call_output", "call_id": call.call_id, "output": result})
print(response.output_text)
`;
const ollamaChat = `${weather}
import sys
from ollama import Client
client = Client(host=sys.argv[1])
tools = [{"type": "function", "function": {"name": "get_weather", "description": "", "parameters": schema}}]
messages = [{"role": "user", "content": sys.argv[3]}]
while True:
    message = client.chat(model=sys.argv[2], messages=messages, tools=tools).message
    messages.append(message)
    if not message.tool_calls:
        break
    for call in message.tool_calls:
        result = weather(call.function.arguments["city"])
        messages.append({"role": "tool", "tool_name": call.function.name, "content": result})
print(message.content)
`;

beforeEach(() => world.simulator.script(...agentSteps));

async function expectLoop(path: string, program: string): Promise<void> {
  const { out, err, exitCode } = await runPython(path, program, { args: [world.daemon.url, model, prompt] });
  expect([exitCode, out.trim()], err).toEqual([0, finalText]);
  expectReasoningKept(turnsSent(world.simulator));
}

describe.skipIf('why' in python)('openai', () => {
  test.each([
    ['chat completions', chat],
    ['responses', responses],
  ])('%s', (_, program) => expectLoop('path' in python ? python.path : '', program), 60_000);
});

describe.skipIf('why' in ollama)('ollama', () => {
  test('chat', () => expectLoop('path' in ollama ? ollama.path : '', ollamaChat), 60_000);
});
