"""A regression check for notebooks: what a notebook shows when it runs again is what it stores.

Importing this package imports nothing else; what the check needs is imported when it is used.
"""

__version__ = "0.1.0"
