#!/bin/sh
# The three APIs and speech with nothing but curl. $1 is a recording.
set -eu
codexd=http://127.0.0.1:8787

# OpenAI: chat completions and responses.
curl -sS --fail-with-body $codexd/v1/chat/completions -H 'content-type: application/json' -d '{
  "model": "gpt-5.5",
  "messages": [{"role": "user", "content": "Why is the sky blue?"}]
}'
echo
curl -sSN --fail-with-body $codexd/v1/responses -H 'content-type: application/json' -d '{
  "model": "gpt-5.5",
  "input": "Why is the sky blue?",
  "stream": true
}'

# Anthropic: messages.
curl -sS --fail-with-body $codexd/v1/messages -H 'content-type: application/json' \
  -H 'x-api-key: anything' -H 'anthropic-version: 2023-06-01' -d '{
  "model": "claude-sonnet-4-6",
  "max_tokens": 1024,
  "messages": [{"role": "user", "content": "Why is the sky blue?"}]
}'
echo

# Ollama: chat, which streams lines of JSON unless told otherwise.
curl -sS --fail-with-body $codexd/api/chat -d '{
  "model": "gpt-5.5",
  "messages": [{"role": "user", "content": "Why is the sky blue?"}],
  "stream": false
}'

# Speech, and what is there.
curl -sS --fail-with-body $codexd/v1/audio/transcriptions -F model=whisper-1 -F file=@"$1"
echo
curl -sS --fail-with-body $codexd/v1/models
