"""What the stored and the new outputs of a cell have in common, and where they differ."""
