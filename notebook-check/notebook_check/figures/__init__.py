"""What a Matplotlib figure shows, described as data and compared as such."""

MIME = "application/vnd.d2l-autograd.figure+json"
"""The type under which a description is stored beside the picture."""
