"""Backward rules of layers of neural networks."""
