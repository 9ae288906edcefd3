"""The speed of d2l_autograd, and of others that differentiate, measured in one run.

``python -m benchmarks run`` in a checkout measures and prints; see ``--help``.
"""
