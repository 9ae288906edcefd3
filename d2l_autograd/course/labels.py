"""The names in the chapters' own figures, in the language of the session."""

from d2l_autograd.course.languages import session_language

_CHINESE = {
    # 1 Derivatives
    "height": "高度",
    "wave": "波形",
    "square root": "平方根",
    "slope {slope:.4f}": "斜率 {slope:.4f}",
    "slope of a short secant": "短割线的斜率",
    "cosine": "余弦",
    "direction of the gradient": "梯度的方向",
    "direction (degrees)": "方向（度）",
    "slope": "斜率",
    "rate {}": "学习率 {}",
    # 2 Automatic differentiation
    "gradient": "梯度",
    "its derivative": "它的导数",
    # 3 The computational graph
    "n inputs, 1 output": "n 个输入，1 个输出",
    "1 input, m outputs": "1 个输入，m 个输出",
    "forward mode": "前向模式",
    "reverse mode": "反向模式",
    "Jacobian / program\n(multiplications)": "雅可比矩阵 / 程序\n（乘法次数）",
    "label {}": "标签 {}",
    # 4 Vectors and matrices
    "nudges": "微小增量",
    "where f takes them": "f 把它们变成",
    "where J takes them": "J 把它们变成",
    "first row of J": "J 的第一行",
    "second row of J": "J 的第二行",
    # 5 Learning
    "step {}": "第 {} 步",
    "trained on": "训练用的",
    "held out": "留出的",
    "where held out is lowest": "留出的损失最低时",
    "at the end": "训练结束时",
    "loss of the batch": "单批的损失",
    "epoch": "轮",
    "right, of 500 held out": "留出的 500 个中认对的",
    # 6 When gradients lie
    "weights of size {} / √n": "权重大小 {} / √n",
    "with skip connections": "带跳跃连接",
    "layer (the loss is behind layer 50)": "层（损失在第 50 层之后）",
    "length of the gradient": "梯度的长度",
    # 7 Curvature
    "tangent": "切线",
    "parabola": "抛物线",
    "cubic": "三次曲线",
    "rate {} × 2/λ": "学习率 {} × 2/λ",
    "step": "步",
    "distance in the steep direction": "陡的方向上的距离",
    # 8 Rules of your own
    "true derivative": "真正的导数",
    "straight through": "直通估计",
    "dx/da, unrolled": "dx/da，展开",
    "dx/da, implicit": "dx/da，隐函数求导",
    "rounds": "轮数",
    "error": "误差",
    # 9 Differentiating a simulation
    "no air": "没有空气",
    "drag 0.02": "阻力系数 0.02",
    "drag 0.05": "阻力系数 0.05",
    "throw {}": "第 {} 次",
    "height after 2 seconds": "2 秒后的高度",
    "height of the drop": "下落的高度",
    "weak pushes": "推得轻",
    "strong pushes": "推得重",
    "beats": "拍数",
    "size of the derivative": "导数的大小",
    "{} strong pushes": "重推 {} 下",
    "first angle": "初始角度",
    "sine of the last angle": "末角的正弦",
    # 10 Many machines
    "the whole": "整体",
    "mean of the parts": "各部分的平均",
    "as many times as machines": "倍数等于机器数",
    "{} s of work, {:,} weights": "计算 {} 秒，{:,} 个权重",
    "measured": "测得的",
    "machines": "机器数",
    "times as fast": "快到几倍",
    # Project
    "first guess": "初始猜测",
    "recovered": "求出的轨迹",
    "film": "影片",
    "seconds": "秒",
    "residual in metres": "残差（米）",
    "{} places": "{} 个位置",
    "speed": "速度",
    "drag": "阻力系数",
    "period in days": "周期（天）",
    "loss": "损失",
}


def label(text: str, *values: object) -> str:
    """Return a name for a figure in the language of the session.

    In English it is the text itself. In a Chinese chapter it is what stands for it there, so that
    both have the same code; a text that the course does not know comes back as it is.

    Args:
        text: the name, in English.
        values: what its braces are filled with, ``label("rate {}", 0.1)``.
    """
    found = _CHINESE.get(text, text) if session_language() == "zh" else text
    return found.format(*values) if values else found
