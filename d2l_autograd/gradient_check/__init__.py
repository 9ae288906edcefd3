"""Comparing gradients with differences of the function's values."""
