# Streams a message. pip install anthropic
from anthropic import Anthropic

client = Anthropic(base_url="http://127.0.0.1:8787", api_key="anything")

with client.messages.stream(
    model="claude-sonnet-4-6",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Why is the sky blue?"}],
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
print()
