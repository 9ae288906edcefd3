"""Why a public function of MindSpore has no row: by the reason, the functions.

A kind whose functions are written as calls is proven: `CALLS` says what has to come of them. Of
the others, a name may end with a star.
"""

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np

from .row import Row

FLOATS = (ms.float16, ms.bfloat16, ms.float32, ms.float64)
GIVEN = np.array([[0.7, -1.2, 1.6], [0.4, 2.1, -0.6]])
OTHER = np.array([[0.7, 0.3, 1.6], [0.5, 2.1, 0.2]])


def _as(dtype: Any) -> Callable[[Row], Any]:
    def run(row: Row) -> Any:
        given = [ms.Tensor(np.abs(value), dtype) for value in row.inputs.values()]
        result = row.function()(*given)
        ms.runtime.synchronize()
        return result

    return run


def returns_no_floats(row: Row) -> bool:
    """Say whether a call of floating-point tensors returns none."""
    return not any(
        isinstance(part, float) or (isinstance(part, ms.Tensor) and part.dtype in FLOATS)
        for part in _parts(_as(ms.float32)(row))
    )


def takes_no_floats(row: Row) -> bool:
    """Say whether a call of whole numbers runs, and one of floating-point numbers does not."""
    _as(ms.int32)(row)
    try:
        _as(ms.float32)(row)
    except Exception:
        return True
    return False


def _parts(result: Any) -> list[Any]:
    if isinstance(result, (tuple, list)):
        return [part for item in result for part in _parts(item)]
    return [result]


CALLS: dict[str, tuple[Callable[[Row], bool], str]] = {
    "It returns truth values, whole or complex numbers, texts or shapes": (
        returns_no_floats,
        """
        ops.all(x > 0)
        ops.any(x > 0)
        ops.argwhere(x)
        ops.bucketize(x, [0.1, 0.9])
        ops.check_valid(ops.cat([x, y], 1)[:, :4], ms.Tensor([5.0, 5.0, 1.0]))
        ops.choice_with_mask(x > 0)
        ops.eigvals(x[:, :2])
        ops.intopk(x, ms.Tensor([0, 1], ms.int32), 2)
        ops.is_complex(x)
        ops.is_floating_point(x)
        ops.is_nonzero(x[0, :1])
        ops.is_tensor(x)
        ops.isnan_ext(x)
        ops.nonzero(x)
        ops.numel(x)
        ops.rank(x)
        ops.searchsorted(ms.Tensor([0.1, 0.9]), x[0], out_int32=True)
        ops.shape(x)
        ops.size(x)
        ops.dyn_shape(x)
        ops.tensor_gt(x, y)
        ops.tensor_lt(x, y)
        (x > 0).all()
        x.allclose(y)
        (x > 0).any()
        x.argwhere()
        x.approximate_equal(y)
        x.argmax()
        x.argmin()
        x.argsort()
        x.count_nonzero()
        x.eq(y)
        x.equal(y)
        x.ge(y)
        x.greater(y)
        x.greater_equal(y)
        x.gt(y)
        x.isfinite()
        x.isinf()
        x.isnan()
        x.isneginf()
        x.isposinf()
        x.le(y)
        x.less(y)
        x.less_equal(y)
        (x > 0).logical_and(y > 0)
        (x > 0).logical_not()
        (x > 0).logical_or(y > 0)
        (x > 0).logical_xor(y > 0)
        x.lt(y)
        x.abs().multinomial(2)
        x.ne(y)
        x.not_equal(y)
        x.random_categorical(2)
        x.signbit()
        x.byte()
        x.data_ptr()
        x.dim()
        x.get_bytes()
        x.is_complex()
        x.is_contiguous()
        x.is_floating_point()
        x.is_signed()
        x.ndimension()
        x.nelement()
        x.nonzero()
        x.numel()
        x[0].searchsorted(y)
        x.short()
        x.storage_offset()
        x.stride()
        mnp.argmax(x)
        mnp.argmin(x)
        mnp.argwhere(x)
        mnp.array_equal(x, y)
        mnp.array_equiv(x, y)
        mnp.array_str(x)
        mnp.count_nonzero(x)
        mnp.digitize(x, mnp.array([0.1, 0.9]))
        mnp.equal(x, y)
        mnp.greater(x, y)
        mnp.greater_equal(x, y)
        mnp.in1d(x[0], y[0])
        mnp.isfinite(x)
        mnp.isin(x, y)
        mnp.isinf(x)
        mnp.isnan(x)
        mnp.isneginf(x)
        mnp.isposinf(x)
        mnp.isscalar(x)
        mnp.less(x, y)
        mnp.less_equal(x, y)
        mnp.logical_and(x > 0, y > 0)
        mnp.logical_not(x > 0)
        mnp.logical_or(x > 0, y > 0)
        mnp.logical_xor(x > 0, y > 0)
        mnp.not_equal(x, y)
        mnp.promote_types(ms.float32, ms.int32)
        mnp.result_type(x, y)
        mnp.searchsorted(x[0], y)
        mnp.signbit(x)
        mnp.size(x)
        mnp.sometrue(x > 0)
        """,
    ),
    "It takes whole numbers or truth values alone": (
        takes_no_floats,
        """
        ops.bitwise_and(x, y)
        ops.bitwise_left_shift(x, y)
        ops.bitwise_or(x, y)
        ops.bitwise_right_shift(x, y)
        ops.bitwise_xor(x, y)
        ops.gcd(x, y)
        ops.invert(x.astype(x.dtype))
        ops.lcm(x, y)
        ops.population_count(x)
        ops.sequence_mask(x)
        x.bitwise_and(y)
        x.bitwise_left_shift(y)
        x.bitwise_or(y)
        x.bitwise_right_shift(y)
        x.bitwise_xor(y)
        x.gcd(y)
        x.invert()
        x.lcm(y)
        mnp.bitwise_and(x, y)
        mnp.bitwise_not(x)
        mnp.bitwise_or(x, y)
        mnp.bitwise_xor(x, y)
        mnp.invert(x)
        """,
    ),
}

NAMES = {
    "It makes a tensor of a shape, or of ends that are plain numbers": """
        ops.bartlett_window ops.blackman_window ops.eye ops.fftfreq ops.hamming_window
        ops.hann_window ops.kaiser_window ops.rfftfreq ops.scalar_to_tensor ops.scalar_to_array
        ops.tril_indices ops.triu_indices ops.tuple_to_array ops.zeros
        Tensor.new_empty Tensor.from_numpy Tensor.from_dlpack Tensor.convert_bytes_to_tensor
        mindspore.numpy.bartlett mindspore.numpy.blackman mindspore.numpy.diag_indices
        mindspore.numpy.empty mindspore.numpy.empty_like mindspore.numpy.eye
        mindspore.numpy.hamming mindspore.numpy.hanning mindspore.numpy.identity
        mindspore.numpy.indices mindspore.numpy.ix_ mindspore.numpy.ones mindspore.numpy.tri
        mindspore.numpy.tril_indices mindspore.numpy.triu_indices mindspore.numpy.tril_indices_from
        mindspore.numpy.triu_indices_from mindspore.numpy.zeros
        mindspore.numpy.ravel_multi_index mindspore.numpy.unravel_index
    """,
    "It is for whole numbers, and what it makes of others is no function of them": """
        mindspore.numpy.gcd mindspore.numpy.lcm
    """,
    "It draws, and a seed does not make it draw the same again": """
        ops.dropout1d ops.dropout2d ops.dropout3d ops.bernoulli_ext ops.randint ops.randint_like
        ops.randperm ops.multinomial_with_replacement ops.log_uniform_candidate_sampler
        ops.uniform_candidate_sampler Tensor.cauchy Tensor.log_normal mindspore.numpy.randint
    """,
    "It changes a tensor in place, which is refused where MindSpore ignores it on the CPU": """
        ops.*_ Tensor.*_ ops.set_comm_ops_inplace
    """,
    "It takes a tensor's numbers out of MindSpore, and no gradient comes back": """
        Tensor.asnumpy Tensor.item Tensor.itemset Tensor.numpy Tensor.tolist Tensor.to_dlpack
        ops.tensordump Tensor.storage Tensor.untyped_storage
    """,
    "It says where a tensor lies, or moves it": """
        Tensor.assign_value Tensor.assign_value_cpp Tensor.data_sync
        Tensor.flush_from_cache Tensor.getitem_index_info Tensor.hooks Tensor.index
        Tensor.init_data Tensor.is_init Tensor.is_pinned Tensor.is_shared Tensor.offload
        Tensor.offload_file_path Tensor.pin_memory Tensor.register_hook Tensor.remove_hook
        Tensor.set_cast_dtype Tensor.set_const_arg Tensor.set_device_address Tensor.set_dtype
        Tensor.set_init_flag Tensor.set_param_info Tensor.setitem_index_info Tensor.wait_pipeline
    """,
    "It sends tensors between machines": """
        ops.all_gather* ops.all_reduce ops.all_to_all* ops.barrier ops.batch_isend_irecv
        ops.broadcast ops.broadcast_object_list ops.destroy_process_group ops.gather_into_tensor
        ops.gather_object ops.get_backend ops.get_global_rank ops.get_group_rank
        ops.get_process_group_ranks ops.get_rank ops.get_world_size ops.init_process_group
        ops.irecv ops.is_available ops.is_initialized ops.isend ops.matmul_reduce_scatter
        ops.new_group ops.recv ops.recv_object_list ops.reduce ops.reduce_scatter*
        ops.reshard ops.scatter_object_list ops.scatter_tensor ops.send ops.send_object_list
    """,
    "It is for other devices than the CPU": """
        ops.*attention* ops.moe_* ops.nsa_compress ops.lightning_indexer
        ops.multi_scale_deformable_attn_function ops.rotary_position_embedding
    """,
    "It is for sparse tensors": """
        ops.coo_* ops.csr_* ops.coalesce ops.dense_to_sparse_* ops.make_row_tensor
        ops.make_sparse_tensor Tensor.to_coo Tensor.to_csr
    """,
    "It takes functions, and makes others of them": """
        ops.derivative ops.get_grad ops.grad ops.jacfwd ops.jacrev ops.jet ops.jvp ops.linearize
        ops.value_and_grad ops.vjp ops.vmap ops.recompute_block
    """,
    "It is a part of MindSpore's compiler": """
        ops.add_flags ops.constexpr ops.custom_info_register ops.env_get ops.eps
        ops.get_vm_impl_fn ops.iter_converter ops.kernel ops.ms_hasnext ops.ms_kernel ops.ms_next
        ops.op_info_register ops.prim_arg_register ops.prim_attr_register ops.scalar_cast ops.tail
        ops.zip_operation
    """,
}
