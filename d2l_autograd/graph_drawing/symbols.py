"""The mathematical symbols of MindSpore's operators."""

_NAMES = {
    "+": "BiasAdd Add AddExt Adds AddScalar InplaceAddExt InplaceAddsExt",
    "−": "Sub SubExt Subs SubScalar InplaceSubExt InplaceSubScalar",
    "×": "Mul Muls InplaceMul InplaceMuls",
    "÷": "Div Divs RealDiv InplaceDiv InplaceDivs",
    "^": "Pow PowTensorScalar PowScalarTensor",
    "@": "MatMul MatMulExt BatchMatMul BatchMatMulExt Mm Mv Dot",
    "neg": "Neg",
    "1/x": "Reciprocal",
    "x²": "Square",
    "√": "Sqrt",
    "1/√": "Rsqrt",
    "Σ": "SumExt ReduceSum",
    "Π": "ProdExt ReduceProd",
    "mean": "MeanExt ReduceMean Mean",
    "max": "Max ReduceMax Maximum MaxDim ArgMaxWithValue",
    "min": "Min ReduceMin Minimum MinDim ArgMinWithValue",
    "‖x‖": "Norm LpNormV2 LinalgVectorNorm",
    "|x|": "Abs",
    "exp": "Exp",
    "ln": "Log",
    "sin": "Sin",
    "cos": "Cos",
    "tan": "Tan",
    "tanh": "Tanh",
    "σ": "Sigmoid",
    "relu": "ReLU",
    "gelu": "GeLU GeluExt",
    "softmax": "Softmax",
    "log softmax": "LogSoftmax LogSoftmaxExt",
    "xᵀ": "Transpose TransposeView TransposeExtView TransposeExt",
    "reshape": "Reshape View",
    "copy": "Contiguous Copy Clone",
    "x[i]": "StridedSlice Slice SliceExt SelectView SelectExtView SelectExt GetItem Gather Index",
    "x[i] ←": "TensorScatterUpdate",
    "where": "Select",
    "cast": "Cast",
    ">": "Greater GreaterTensor",
    "≥": "GreaterEqual",
    "<": "Less",
    "≤": "LessEqual",
    "=": "Equal",
    "≠": "NotEqual",
}
_SYMBOLS = {name: symbol for symbol, names in _NAMES.items() for name in names.split()}

INFIX = frozenset("+−×÷^@><≥≤=≠")
COMMUTATIVE = frozenset("+×*")


def symbol(operator: str) -> str:
    """Return the symbol of an operator, or its own name."""
    return _SYMBOLS.get(operator, operator)
