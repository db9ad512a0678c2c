# Asks for an answer that follows a schema. pip install openai
from openai import OpenAI
from pydantic import BaseModel

client = OpenAI(base_url="http://127.0.0.1:8787/v1", api_key="anything")


class Bird(BaseModel):
    name: str
    wingspan_cm: int


completion = client.chat.completions.parse(
    model="gpt-5.5",
    messages=[{"role": "user", "content": "Name a wading bird."}],
    response_format=Bird,
)
bird = completion.choices[0].message.parsed
print(f"{bird.name}: {bird.wingspan_cm} cm")
