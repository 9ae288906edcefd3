"""How a derivative is computed."""
