# Calls codexd through LiteLLM, as an OpenAI-compatible provider. pip install litellm
import litellm

response = litellm.completion(
    model="openai/gpt-5.5",
    api_base="http://127.0.0.1:8787/v1",
    api_key="anything",
    messages=[{"role": "user", "content": "Why is the sky blue?"}],
)
print(response.choices[0].message.content)
