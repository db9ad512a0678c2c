// The curl commands in codex-as-api's README, unchanged except for the image of `/v1/inspect`, which is complete here.

const json = '-H "Content-Type: application/json"';
const anthropic = '-H "x-api-key: unused" -H "anthropic-version: 2023-06-01"';
const chat = `curl http://localhost:18080/v1/chat/completions ${json}`;
const helpful = '{"role": "system", "content": "You are a helpful assistant."}';
const hello = `[${helpful}, {"role": "user", "content": "Hello"}]`;
const tools = `[{
  "type": "function",
  "function": {
    "name": "get_weather",
    "description": "Get current weather",
    "parameters": {
      "type": "object",
      "properties": {"city": {"type": "string"}},
      "required": ["city"]
    }
  }
}]`;

export interface CurlLine {
  what: string;
  line: string;
  /** Words that a correct response contains. */
  answer: string;
}

export function curlLines(pngDataUrl: string): CurlLine[] {
  return [
    {
      what: 'chat',
      line: `${chat} -d '{"model": "gpt-5.5", "messages": ${hello}}'`,
      answer: '"object":"chat.completion"',
    },
    {
      what: 'chat, streaming',
      line: `${chat} -d '{"model": "gpt-5.5", "messages": ${hello}, "stream": true}'`,
      answer: 'data: [DONE]',
    },
    {
      what: 'chat with tools',
      line: `${chat} -d '{"model": "gpt-5.5", "messages": [
        {"role": "system", "content": "You have access to tools."},
        {"role": "user", "content": "What is the weather in Seoul?"}], "tools": ${tools}}'`,
      answer: '"object":"chat.completion"',
    },
    {
      what: 'messages',
      line: `curl http://localhost:18080/v1/messages ${json} ${anthropic} -d '{
        "model": "claude-sonnet-4-6", "max_tokens": 200, "system": "You are a helpful assistant.",
        "messages": [{"role": "user", "content": "Hello!"}]}'`,
      answer: '"model":"claude-sonnet-4-6"',
    },
    {
      what: 'messages, streaming',
      line: `curl -N http://localhost:18080/v1/messages ${json} ${anthropic} -d '{
        "model": "claude-sonnet-4-6", "max_tokens": 200, "stream": true, "system": "You are a helpful assistant.",
        "messages": [{"role": "user", "content": "Hello!"}]}'`,
      answer: 'event: message_stop',
    },
    {
      what: 'count_tokens',
      line: `curl http://localhost:18080/v1/messages/count_tokens ${json} ${anthropic} -d '{
        "model": "claude-sonnet-4-6", "messages": [{"role": "user", "content": "Hello!"}]}'`,
      answer: '"input_tokens":',
    },
    {
      what: 'images',
      line: `curl http://localhost:18080/v1/images/generations ${json} -d '{
        "model": "gpt-5.5", "prompt": "a futuristic city at sunset", "size": "1024x1024"}'`,
      answer: '"b64_json":',
    },
    {
      what: 'inspect',
      line: `curl http://localhost:18080/v1/inspect ${json} -d '{
        "prompt": "Describe what you see", "images": [{"image_url": "${pngDataUrl}"}]}'`,
      answer: '"content":',
    },
    {
      what: 'compact',
      line: `curl http://localhost:18080/v1/compact ${json} -d '{"messages": [
        ${helpful},
        {"role": "user", "content": "Summarize our conversation so far."},
        {"role": "assistant", "content": "We discussed the project architecture."}]}'`,
      answer: '{',
    },
    { what: 'health', line: 'curl http://localhost:18080/health', answer: '"auth_available":true' },
    {
      what: 'prompt_cache_key',
      line: `${chat} -d '{"model": "gpt-5.5", "messages": ${hello}, "prompt_cache_key": "session-abc-123"}'`,
      answer: '"object":"chat.completion"',
    },
    {
      what: 'reasoning_effort',
      line: `${chat} -d '{"model": "gpt-5.5", "messages": [
        {"role": "system", "content": "Solve this step by step."},
        {"role": "user", "content": "Prove that sqrt(2) is irrational."}], "reasoning_effort": "high"}'`,
      answer: '"object":"chat.completion"',
    },
    {
      what: 'subagent in the body',
      line: `${chat} -d '{"model": "gpt-5.5", "messages": [
        {"role": "system", "content": "Review this code."}, {"role": "user", "content": "..."}],
        "subagent": "review"}'`,
      answer: '"object":"chat.completion"',
    },
    {
      what: 'subagent as a header',
      line: `${chat} -H "x-openai-subagent: review" -d '{"model": "gpt-5.5", "messages": [
        {"role": "system", "content": "Review this code."}, {"role": "user", "content": "..."}]}'`,
      answer: '"object":"chat.completion"',
    },
    {
      what: 'a memory request',
      line: `${chat} -H "x-openai-memgen-request: true" -d '{"model": "gpt-5.5", "messages": [
        {"role": "system", "content": "Consolidate memories."}, {"role": "user", "content": "..."}]}'`,
      answer: '"object":"chat.completion"',
    },
    {
      what: 'chat, streaming with a cache key',
      line: `curl -N http://localhost:18080/v1/chat/completions ${json} -d '{"model": "gpt-5.5", "messages": [
        ${helpful}, {"role": "user", "content": "Tell me a joke."}],
        "stream": true, "prompt_cache_key": "joke-session"}'`,
      answer: 'data: [DONE]',
    },
  ];
}
