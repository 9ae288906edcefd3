"""Backward rules of losses.

Logarithms of probabilities count as -100 where the probability is 0, as in the losses themselves.
"""

from typing import Any

from mindspore import ops
from mindspore.ops import operations as P

from d2l_autograd.engine.record import Node
from d2l_autograd.engine.rules.borrowed import borrowed
from d2l_autograd.engine.rules.composed import composed
from d2l_autograd.engine.rules.elementwise import masked
from d2l_autograd.engine.rules.table import Rule, rule, rule_by_node
from d2l_autograd.engine.shapes import unbroadcast

_SUM, _MEAN, _NONE = 0, 1, 2  # MindSpore's numbers for the ways to reduce a loss
_softplus = P.Softplus()


def _each(d: Any, x: Any, reduction: int) -> Any:
    """Return the gradient by the loss of each entry of x."""
    return d / x.size if reduction == _MEAN else d


# Distances.


def _smooth_l1(d: Any, out: Any, x: Any, t: Any, beta: float = 1.0, reduction: int = _NONE) -> Any:
    return _each(d, x, reduction) * ops.clamp((x - t) / beta, -1.0, 1.0)


rule("SmoothL1Loss", _smooth_l1, lambda *given: -_smooth_l1(*given))


# Entropies.


def _log(x: Any) -> Any:
    return ops.clamp(ops.log(x), min=-100.0)


def _weighted(d: Any, x: Any, w: Any, reduction: int) -> Any:
    d = _each(d, x, reduction)
    return d if w is None else d * w


def _bce(d: Any, out: Any, x: Any, t: Any, w: Any, reduction: int = _MEAN) -> Any:
    steep = ops.clamp(x * (1 - x), min=1e-12)
    return _weighted(d, x, w, reduction) * ((x - t) / steep)


def _bce_by_target(d: Any, out: Any, x: Any, t: Any, w: Any, reduction: int = _MEAN) -> Any:
    return _weighted(d, x, w, reduction) * (_log(1 - x) - _log(x))


def _bce_by_weight(d: Any, out: Any, x: Any, t: Any, w: Any, reduction: int = _MEAN) -> Any:
    loss = (t - 1) * _log(1 - x) - t * _log(x)
    return unbroadcast(_each(d, x, reduction) * loss, x.shape, w.shape)


rule("BinaryCrossEntropy", _bce, _bce_by_target, _bce_by_weight)

# With logits: w * ((1 - t) * softplus(x) + p * t * softplus(-x)), with the weight p of t = 1.


def _logits(d: Any, out: Any, x: Any, t: Any, w: Any, p: Any, reduction: int = _MEAN) -> Any:
    positive = t if p is None else p * t
    slope = (1 - t) * ops.sigmoid(x) - positive * ops.sigmoid(-x)
    return _weighted(d, x, w, reduction) * slope


def _logits_by_target(
    d: Any, out: Any, x: Any, t: Any, w: Any, p: Any, reduction: int = _MEAN
) -> Any:
    slope = -x if p is None else p * _softplus(-x) - _softplus(x)
    return _weighted(d, x, w, reduction) * slope


def _logits_by_weight(
    d: Any, out: Any, x: Any, t: Any, w: Any, p: Any, reduction: int = _MEAN
) -> Any:
    positive = t if p is None else p * t
    loss = (1 - t) * _softplus(x) + positive * _softplus(-x)
    return unbroadcast(_each(d, x, reduction) * loss, x.shape, w.shape)


def _logits_by_positive(
    d: Any, out: Any, x: Any, t: Any, w: Any, p: Any, reduction: int = _MEAN
) -> Any:
    slope = _weighted(d, x, w, reduction) * (t * _softplus(-x))
    return unbroadcast(slope, x.shape, p.shape)


rule("BCEWithLogitsLoss", _logits, _logits_by_target, _logits_by_weight, _logits_by_positive)


def _kl_div(node: Node) -> Rule:
    reduction = node.primitive.reduction

    def each(d: Any, x: Any) -> Any:
        return d / {"mean": x.size, "batchmean": len(x)}.get(reduction, 1)

    def by_target(d: Any, out: Any, x: Any, t: Any) -> Any:
        positive = t > 0
        log = ops.log(ops.where(positive, t, ops.ones_like(t)))
        return each(d, x) * masked(positive, log + 1 - x)

    return Rule((lambda d, out, x, t: -each(d, x) * t, by_target))


rule_by_node("KLDivLoss", _kl_div)


def _softmax_cross_entropy(d: Any, out: Any, x: Any, t: Any) -> Any:
    return d[0].expand_dims(-1) * (ops.softmax(x, -1) * t.sum(-1, keepdims=True) - t)


def _softmax_cross_entropy_by_target(d: Any, out: Any, x: Any, t: Any) -> Any:
    return -d[0].expand_dims(-1) * ops.log_softmax(x, -1)


def _sparse(node: Node) -> Rule:
    if node.primitive.is_grad:
        return borrowed(node)

    def by_x(d: Any, out: Any, x: Any, labels: Any) -> Any:
        hot = (labels.expand_dims(-1) == ops.arange(x.shape[-1])).astype(x.dtype)
        return d * ((ops.softmax(x, -1) - hot) / len(x))

    return Rule((by_x,))


rule("SoftmaxCrossEntropyWithLogits", _softmax_cross_entropy, _softmax_cross_entropy_by_target)
rule_by_node("SparseSoftmaxCrossEntropyWithLogits", _sparse)


# Margins.


def _multi_margin(node: Node) -> Rule:
    p, margin, reduction = (getattr(node.primitive, name) for name in ("p", "margin", "reduction"))

    def loss(x: Any, labels: Any, weight: Any = None) -> Any:
        classes = x.shape[1]
        hot = (labels.expand_dims(-1) == ops.arange(classes)).astype(x.dtype)
        short = ops.clamp(margin - (x * hot).sum(1, keepdims=True) + x, min=0.0) * (1 - hot)
        each = (short if p == 1 else short * short).sum(1) / classes
        if weight is not None:
            each = each * ops.gather(weight, labels, 0)
        return {"none": lambda: each, "sum": each.sum, "mean": each.mean}[reduction]()

    return composed(loss)


rule_by_node("MultiMarginLoss", _multi_margin)
