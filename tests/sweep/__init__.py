"""A sweep over MindSpore's functions: are their derivatives right, to the third order?

``python -m sweep > ../docs/function-table.txt``, in ``tests/``, prints a line a row; `row` says
what a row is, `table` holds them all, `verdicts` says what is checked, and `reasons` why the other
functions have none.
"""
