# Streams a chat through Ollama's API. pip install ollama
from ollama import Client

client = Client(host="http://127.0.0.1:8787")

messages = [{"role": "user", "content": "Why is the sky blue?"}]
for part in client.chat(model="gpt-5.5", messages=messages, stream=True):
    print(part.message.content, end="", flush=True)
print()
