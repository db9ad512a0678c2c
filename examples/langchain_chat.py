# Uses codexd as a LangChain chat model with a tool. pip install langchain-openai
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI


@tool
def get_weather(city: str) -> str:
    """The current weather in a city."""
    return f"{city}: 21 °C, clear"


llm = ChatOpenAI(model="gpt-5.5", base_url="http://127.0.0.1:8787/v1", api_key="anything")
model = llm.bind_tools([get_weather])

messages = [HumanMessage("Call get_weather for Oslo, then describe it.")]
answer = model.invoke(messages)
while answer.tool_calls:
    messages.append(answer)
    messages.extend(get_weather.invoke(call) for call in answer.tool_calls)
    answer = model.invoke(messages)
print(answer.text if isinstance(answer.text, str) else answer.text())
