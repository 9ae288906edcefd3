"""The fixed words of the figures, in the languages of the course."""

from typing import Any

from d2l_autograd.course.languages import worded
from d2l_autograd.errors import GradientError

_WORDS = {
    "tangent at": {
        "en": "slope {slope:.3g} at x = {at:.3g}",
        "zh": "x = {at:.3g} 处斜率 {slope:.3g}",
    },
    "secant": {"en": "h = {h:g}: slope {slope:.4g}", "zh": "h = {h:g}：斜率 {slope:.4g}"},
    "tangent": {"en": "tangent: slope {slope:.4g}", "zh": "切线：斜率 {slope:.4g}"},
    "corner": {
        "en": "no tangent: slope {left:.3g} | {right:.3g}",
        "zh": "没有切线：左右斜率 {left:.3g} | {right:.3g}",
    },
    "jump": {"en": "no tangent: f jumps", "zh": "没有切线：函数在此跳跃"},
    "forward difference": {"en": "forward difference", "zh": "前向差分"},
    "central difference": {"en": "central difference", "zh": "中心差分"},
    "automatic": {"en": "automatic", "zh": "自动微分"},
    "rounding": {"en": "rounding", "zh": "舍入"},
    "truncation": {"en": "truncation", "zh": "截断"},
    "error": {"en": "error of the derivative", "zh": "导数的误差"},
    "not positive": {"en": "{name}: not above 0", "zh": "{name}：不大于 0"},
    "partly positive": {"en": "{name} where above 0", "zh": "{name} 大于 0 处"},
    "unresolved": {"en": "{name}: finer than drawn", "zh": "{name}：振荡过密，未画全"},
    "constant": {"en": "constant: f = {value:.4g}", "zh": "常数：f = {value:.4g}"},
    "start": {"en": "start", "zh": "起点"},
    "after": {"en": "after {steps} steps", "zh": "{steps} 步之后"},
    "after one": {"en": "after {steps} step", "zh": "{steps} 步之后"},
    "descent": {"en": "gradient descent, rate {rate:g}", "zh": "梯度下降，学习率 {rate:g}"},
    "newton": {"en": "Newton's method", "zh": "牛顿法"},
    "root": {"en": "after {steps} steps: x = {x:.6g}", "zh": "{steps} 步之后：x = {x:.6g}"},
    "step": {"en": "step", "zh": "步数"},
    "loss": {"en": "loss", "zh": "损失"},
    "class": {"en": "class {number}", "zh": "类别 {number}"},
    "not finite": {
        "en": "{name}: {value} from step {step}",
        "zh": "{name}：从第 {step} 步起为 {value}",
    },
    "not finite at": {
        "en": "{name}: {value} at step {step}",
        "zh": "{name}：第 {step} 步为 {value}",
    },
    "descent alt": {
        "en": "Gradient descent in {steps} steps at rate {rate:g}, from {first} to {last}.",
        "zh": "梯度下降：学习率 {rate:g}，{steps} 步，从 {first} 到 {last}。",
    },
    "computing": {
        "en": "{seconds:.0f} s, {count:,} points computed …",
        "zh": "{seconds:.0f} 秒，已计算 {count:,} 个点……",
    },
    "recording": {
        "en": "{seconds:.0f} s, {count:,} operators recorded …",
        "zh": "{seconds:.0f} 秒，已记录 {count:,} 个算子……",
    },
    "figure": {"en": "A figure.", "zh": "一幅图。"},
    "panels": {"en": "{count} panels. {panels}", "zh": "共 {count} 幅图。{panels}"},
    "sentence": {"en": "{text}.", "zh": "{text}。"},
    "semicolon": {"en": "; ", "zh": "；"},
    "comma": {"en": ", ", "zh": "，"},
    "and so on": {"en": "{names} and so on", "zh": "{names}等"},
    "curve": {
        "en": "{name} (from {first} to {last})",
        "zh": "{name}（从 {first} 到 {last}）",
    },
    "axis": {"en": "{name} from {low} to {high}", "zh": "{name} 从 {low} 到 {high}"},
    "logarithmic axis": {
        "en": "{name} from {low} to {high}, logarithmic",
        "zh": "{name} 从 {low} 到 {high}（对数）",
    },
    "contours": {"en": "contours from {low} to {high}", "zh": "从 {low} 到 {high} 的等高线"},
    "arrows": {"en": "arrows", "zh": "箭头"},
    "horizontal": {"en": "horizontal axis", "zh": "横轴"},
    "vertical": {"en": "vertical axis", "zh": "纵轴"},
}


def word(key: str, **values: Any) -> str:
    """Return a text of the figures in the language of the session, the values filled in."""
    text = worded(_WORDS[key])
    return text.format(**values) if values else text


def filled(template: str, name: str, **values: Any) -> str:
    """Return the reader's template with the values filled in.

    Raises:
        GradientError: it names another value, or a format that a number does not have.
    """
    try:
        return template.format(**values)
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        known = " and ".join(f"{{{key}}}" for key in values)
        raise GradientError(
            f"{name} is {template!r:.60}, which cannot be filled in. In it, {known} may stand, "
            f"with a format such as {{{next(iter(values))}:.3g}}; other braces are doubled."
        ) from None
