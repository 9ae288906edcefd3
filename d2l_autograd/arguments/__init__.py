"""What may go in: the rules for functions, positions, inputs and values, and trees of tensors."""
