# Transcribes a recording: python openai_transcribe.py voice.wav. pip install openai
import sys

from openai import OpenAI

client = OpenAI(base_url="http://127.0.0.1:8787/v1", api_key="anything")

with open(sys.argv[1], "rb") as recording:
    result = client.audio.transcriptions.create(model="whisper-1", file=recording)
print(result.text)
