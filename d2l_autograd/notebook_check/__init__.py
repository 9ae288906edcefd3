"""A regression check for notebooks: a pytest plugin on top of nbval.

Importing this package imports nothing else; what the check needs is imported when it is on.
"""
