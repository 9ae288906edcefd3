"""Backward rules of decompositions of matrices."""
