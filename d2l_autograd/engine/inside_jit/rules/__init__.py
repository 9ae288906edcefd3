"""Backward rules of operators."""
