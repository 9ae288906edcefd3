"""Python that MindSpore runs while it compiles."""

from collections.abc import Callable
from typing import Any

from mindspore import ops


class CompileTime(ops.PrimitiveWithInfer):
    """Python that runs once while MindSpore compiles the call, and leaves a constant behind."""

    def __init__(self, rule: Callable[..., bool]) -> None:
        super().__init__(rule.__name__.strip("_"))
        self.set_const_prim(True)
        self.add_prim_attr("constexpr_prim", True)
        self._rule = rule

    def __infer__(self, *args: dict[str, Any]) -> dict[str, Any]:
        return {"dtype": None, "shape": None, "value": self._rule(*args)}

    def __call__(self, *args: Any) -> bool:
        """Return False, in Python."""
        return False

    def __reduce__(self) -> tuple[Any, ...]:
        """Make another of the same rule, so that `grad(f)` can be sent to another process."""
        return CompileTime, (self._rule,)


def _compiling() -> bool:
    return True


# False when Python runs the code, True while MindSpore compiles it.
compiling = CompileTime(_compiling)
