"""Hints that fit any exercise, by key and language."""

COMMON = {
    "nothing": {
        "en": "The answer is None. Does the function that computed it end with return?",
        "zh": "答案是 None。计算它的函数最后写 return 了吗？",
    },
    "returns_nothing": {
        "en": "Your function returned None. Does it end with return?",
        "zh": "你的函数返回了 None。最后写 return 了吗？",
    },
    "not_function": {
        "en": "This exercise asks for a function. Hand over the function itself, without calling "
        "it: f, not f(x).",
        "zh": "这道题要交的是一个函数。请直接交函数本身，不要调用它：写 f，不写 f(x)。",
    },
    "not_numbers": {
        "en": "This exercise asks for a number or an array of numbers.",
        "zh": "这道题要交的是一个数，或数值数组。",
    },
    "not_value": {
        "en": "This exercise asks for a number or an array of numbers, not for a function. Call "
        "the function and hand over what it returns.",
        "zh": "这道题要交的是一个数，或数值数组，而不是函数。请调用函数，交它的返回值。",
    },
    "returns_no_numbers": {
        "en": "Your function returned something that is neither a number nor a tensor.",
        "zh": "你的函数返回的既不是数，也不是张量。",
    },
    "shape": {
        "en": "The answer does not have as many numbers, or not in as many rows and columns, as "
        "the question asks for.",
        "zh": "答案中数的个数或排列方式（形状）与题目要求的不一致。",
    },
    "returns_shape": {
        "en": "Your function returned a result of the wrong shape. Compare the shape of the "
        "result with that of the input.",
        "zh": "函数返回结果的形状不对。把结果的形状与输入的形状对照一下。",
    },
    "not_finite": {
        "en": "The answer holds nan or inf: somewhere on the way there was a division by zero, or "
        "a number grew too large.",
        "zh": "答案中有 nan 或 inf：计算途中除以了零，或者某个数太大了。",
    },
    "number": {
        "en": "Not this number. Read the question again, and check your steps one by one.",
        "zh": "不是这个数。请再读一遍题目，逐步检查你的计算。",
    },
    "array": {
        "en": "The shape is right, the numbers are not. Check them one by one.",
        "zh": "形状对了，数还不对。请逐个检查。",
    },
    "some": {
        "en": "Not all of the {size} numbers are right yet. Look again at number {places}, counted "
        "from 1.",
        "zh": "这 {size} 个数还没有全对。再看看第 {places} 个（从 1 数起）。",
    },
    "results": {
        "en": "Your function should return {count} things, in this order: {names}.",
        "zh": "你的函数应当依次返回 {count} 样东西：{names}。",
    },
    "result": {
        "en": "The result for {name} has the right shape, its numbers are not right yet.",
        "zh": "{name} 的结果形状对了，数还不对。",
    },
    "result_shape": {
        "en": "The result for {name} has shape {given}; it should have shape {right}.",
        "zh": "{name} 的结果形状是 {given}，应当是 {right}。",
    },
    "forbidden": {
        "en": "The values are right, but by the way that the exercise rules out. Find another.",
        "zh": "函数值对了，但用的正是题目不许用的做法。请换一种。",
    },
    "raises": {
        "en": "Your answer raised an error when it was tried: {error}. Call it yourself with a "
        "value of your choice first.",
        "zh": "用你的答案试算时出现了错误：{error}。请先自己代入一个值，调用一下试试。",
    },
    "slow": {
        "en": "Nothing came back within {seconds} seconds. Does every loop in your function end?",
        "zh": "等了 {seconds} 秒还没有结果。函数里的每个循环都会结束吗？",
    },
    "values": {
        "en": "The function runs, but its values are not right yet. Pick a point, work out the "
        "value on paper, and compare.",
        "zh": "函数能运行，但函数值还不对。挑一个点，在纸上算出函数值，再比较一下。",
    },
    "derivative": {
        "en": "The values are right, the derivative is not. Is the whole way from the input to "
        "the result made of MindSpore operators, with nothing copied or held constant on it?",
        "zh": "函数值对了，导数不对。从输入到结果的每一步都是 MindSpore 的运算吗？"
        "途中有没有复制什么，或把什么当成了常数？",
    },
    "not_differentiable": {
        "en": "The values are right, but d2l.grad cannot differentiate the function: {error}.",
        "zh": "函数值对了，但 d2l.grad 无法对这个函数求导：{error}。",
    },
}
