"""The only door to MindSpore's private parts."""
