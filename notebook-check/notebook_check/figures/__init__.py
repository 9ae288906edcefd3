"""What a Matplotlib figure shows, described as data and compared as such."""
