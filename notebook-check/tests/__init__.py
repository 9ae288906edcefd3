"""Tests of notebook_check, which need no MindSpore."""
