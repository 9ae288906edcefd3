"""The check as a pytest plugin on top of nbval."""
