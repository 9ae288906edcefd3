"""The fixed words of drawings, in the languages of the course."""

from typing import Any

from d2l_autograd.course.languages import worded

_WORDS = {
    "grad": {"en": "grad", "zh": "梯度"},
    "value": {"en": "value", "zh": "值"},
    "gradient": {"en": "gradient", "zh": "梯度"},
    "detached": {"en": "detached", "zh": "已分离"},
    "rounds": {"en": "{count} more rounds", "zh": "同样的 {count} 轮"},
    "all": {"en": "all {value}", "zh": "全为 {value}"},
    "shape": {"en": "shape {shape}", "zh": "形状 {shape}"},
    "told": {
        "en": "Computation graph with {count} nodes, from {inputs} to {results}.",
        "zh": "计算图，共 {count} 个节点，从 {inputs} 到 {results}。",
    },
}


def word(key: str, **values: Any) -> str:
    """Return a text of the drawings in the language of the session, the values filled in."""
    return worded(_WORDS[key]).format(**values)
