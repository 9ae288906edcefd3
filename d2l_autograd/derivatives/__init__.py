"""What you call: gradients, Jacobians, their products with vectors, variables."""
