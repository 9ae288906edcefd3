"""Outputs of real notebooks, changed: for each what is stored, what a new run shows, the verdict.

A row is `(kind, text, old, new, reason)`: within the text, `old` is now `new`, and a part of what
the check has to say is `reason`; an empty one is for changes that have to pass, in both directions.
"""

from collections.abc import Mapping

PRINTED, PLAIN, HTML = "stdout", "text/plain", "text/html"
LATEX, MARKDOWN = "text/latex", "text/markdown"

DESCRIBE = (
    "              a         b\ncount  5.000000  5.000000\nmean   3.000000  0.123457\n"
    "std    1.581139  0.000012\nmin    1.000000 -4.500000"
)
INFO = (
    "<class 'pandas.core.frame.DataFrame'>\nRangeIndex: 3 entries, 0 to 2\n"
    " #   Column  Non-Null Count  Dtype  \n 0   a       3 non-null      int64  \n"
    " 1   b       2 non-null      float64\ndtypes: float64(1), int64(1)\nmemory usage: 176.0 bytes"
)
TIMES = "2024-01-15 00:00:00    1.5\n2024-01-16 00:00:00    2.5\nFreq: D, dtype: float64"
INDEX = "DatetimeIndex(['2024-01-15', '2024-01-16'], dtype='datetime64[ns]', freq='D')"
POLARS = (
    "shape: (2, 2)\n┌─────┬──────┐\n│ a   ┆ b    │\n│ i64 ┆ f64  │\n│ 1   ┆ 0.25 │\n└─────┴──────┘"
)
XARRAY = (
    "<xarray.DataArray (x: 2)> Size: 16B\narray([1.5, 2.5])\nCoordinates:\n  * x  (x) int64 0 1"
)
CROSS = (
    "              precision    recall  f1-score   support\n\n"
    "           0       0.98      0.97      0.98        88\n"
    "    accuracy                           0.97       180"
)
OLS = "R-squared:      0.416\nF-statistic:    6.646\nProb (F-statistic): 0.00157\nNo. Obs.: 32"
KERAS = "Epoch 1/2 - loss: 0.6931 - accuracy: 0.5000\nEpoch 2/2 - loss: 0.4512 - accuracy: 0.8125"
CHAINED = (
    "Traceback (most recent call last):\nZeroDivisionError: division by zero\n\n"
    "During handling of the above exception, another exception occurred:\n\nKeyError: 'a'"
)
TENSOR = "tensor([[1.0000, 2.0000],\n        [3.0000, 4.5000]], grad_fn=<MulBackward0>)"
MATRIX = "array([[ 1.00000000e+00,  2.22044605e-16],\n       [-1.11022302e-16,  1.00000000e+00]])"
QUANTITY = "<Quantity 9.80665 m / s2>"
FRACTIONS = "[Fraction(1, 3), Fraction(2, 3)]"
SET = "{'a': 1, 'b': [2, 3.5], 'c': None}"
WARNING = (
    "/tmp/ipykernel_4242/1.py:2: RuntimeWarning: divide by zero encountered in log\n  np.log(0)"
)
TABLE = "| n | error |\n|---|---|\n| 10 | 0.0100 |\n| 100 | 0.0001 |"
GEO = "Point(13.404954, 52.520008) EPSG:4326"
TREE = "|--- x <= 0.80\n|   |--- class: 0\n|--- x >  0.80\n|   |--- class: 1"

FAILS: Mapping[str, tuple[str, str, str, str, str]] = {
    "a mean of describe": (PLAIN, DESCRIBE, "0.123457", "0.133457", "0.123457 is now 0.133457"),
    "a small deviation of describe": (PLAIN, DESCRIBE, "0.000012", "0.000052", "0.000012 is now"),
    "a minimum's sign": (PLAIN, DESCRIBE, "-4.5", "4.5", "is now"),
    "a count of info": (PRINTED, INFO, "2 non-null", "3 non-null", "2 is now 3"),
    "a dtype of info": (PRINTED, INFO, "int64  \n", "Int64  \n", "int64 is now Int64"),
    "a footer of info": (PRINTED, INFO, "int64(1)", "Int64(1)", "int64 is now Int64"),
    "a width of a dtype": (PRINTED, INFO, "float64\n", "float32\n", "float64 is now float32"),
    "the memory of info": (PRINTED, INFO, "176.0", "184.0", "176.0 is now 184.0"),
    "a day of a series": (PLAIN, TIMES, "16 00", "17 00", "16 is now 17"),
    "an hour of a series": (PLAIN, TIMES, "16 00:00:00", "16 01:00:00", "00:00:00 is now 01"),
    "a frequency": (PLAIN, TIMES, "Freq: D", "Freq: B", "D is now B"),
    "a unit of time": (PLAIN, INDEX, "[ns]", "[us]", "ns is now us"),
    "a year of an index": (PLAIN, INDEX, "'2024-01-15'", "'2023-01-15'", "2024 is now 2023"),
    "a dtype of polars": (PLAIN, POLARS, "i64", "i32", "i64 is now i32"),
    "a value of polars": (PLAIN, POLARS, "0.25", "0.26", "0.25 is now 0.26"),
    "a shape of polars": (PLAIN, POLARS, "(2, 2)", "(3, 2)", "2 is now 3"),
    "a dimension of xarray": (PLAIN, XARRAY, "(x: 2)", "(y: 2)", "x is now y"),
    "a coordinate of xarray": (PLAIN, XARRAY, "int64 0 1", "int64 0 2", "1 is now 2"),
    "a score": (PRINTED, CROSS, "0.97      0.98", "0.96      0.98", "0.97 is now 0.96"),
    "a support": (PRINTED, CROSS, "180", "181", "180 is now 181"),
    "a blank line of a report": (PRINTED, CROSS, "support\n\n", "support\n", "white space"),
    "a p-value of a regression": (PRINTED, OLS, "0.00157", "0.00257", "0.00157 is now 0.00257"),
    "a number of observations": (PRINTED, OLS, "32", "31", "32 is now 31"),
    "a loss of an epoch": (PRINTED, KERAS, "0.4512", "0.4612", "0.4512 is now 0.4612"),
    "a loss in the fourth digit": (PRINTED, KERAS, "0.4512", "0.4513", "0.4512 is now 0.4513"),
    "an epoch less": (PRINTED, KERAS, KERAS[: KERAS.index("\n") + 1], "", "is now"),
    "the cause of a printed exception": (
        PRINTED, CHAINED, "ZeroDivisionError", "ValueError", "ZeroDivisionError is now ValueError"),
    "the kind of a chain": (
        PRINTED, CHAINED, "During handling of the above exception, another exception occurred",
        "The above exception was the direct cause of the following exception", "is now"),
    "an element of a tensor": (PLAIN, TENSOR, "4.5000", "4.6000", "4.5000 is now 4.6000"),
    "the operator of a gradient": (PLAIN, TENSOR, "MulBackward0", "AddBackward0", "is now"),
    "lines of a tensor joined": (PLAIN, TENSOR, "],\n        [", ", ", "is now"),
    "a one of a matrix": (PLAIN, MATRIX, " 1.00000000e+00, ", " 1.10000000e+00, ", "is now"),
    "a rest in the size of a number": (PLAIN, MATRIX, "2.22044605e-16", "2.22044605e-02", "is now"),
    "a unit": (PLAIN, QUANTITY, "m / s2", "km / s2", "m is now km"),
    "a quantity": (PLAIN, QUANTITY, "9.80665", "9.81665", "9.80665 is now 9.81665"),
    "a denominator": (PLAIN, FRACTIONS, "(1, 3)", "(1, 4)", "3 is now 4"),
    "a key of a dict": (PLAIN, SET, "'b'", "'d'", "b is now d"),
    "nothing for a value": (PLAIN, SET, "None", "0", "None is now 0"),
    "quotes around a number": (PLAIN, SET, "1,", "'1',", "is now"),
    "a list for a tuple": (PLAIN, SET, "[2, 3.5]", "(2, 3.5)", "[ is now ("),
    "a warning's text": (PRINTED, WARNING, "divide by zero", "invalid value", "divide is now"),
    "a warning's line": (PRINTED, WARNING, "py:2:", "py:3:", "2 is now 3"),
    "a row of a Markdown table": (MARKDOWN, TABLE, "0.0001", "0.0003", "0.0001 is now 0.0003"),
    "digits of a Markdown table": (MARKDOWN, TABLE, "0.0100", "0.01", "(digits shown)"),
    "a coordinate on the earth": (PLAIN, GEO, "52.520008", "52.620008", "52.520008 is now"),
    "a reference system": (PLAIN, GEO, "4326", "3857", "4326 is now 3857"),
    "a threshold of a tree": (PRINTED, TREE, "<= 0.80", "<= 0.75", "0.80 is now 0.75"),
    "a branch of a tree": (PRINTED, TREE, "class: 1", "class: 0", "1 is now 0"),
    "a comparison": (PRINTED, TREE, "x > ", "x < ", "> is now <"),
    "an address on the net": (PRINTED, "host 192.168.0.1", "0.1", "0.7", "is now"),
    "milliseconds since 1970": (PRINTED, "1700000000123", "0123", "0124", "(whole number)"),
    "a whole number of 20 digits": (PRINTED, "12345678901234567890", "890", "891", "whole number"),
    "a power of ten": (LATEX, r"$1.5 \cdot 10^{-3}$", "-3", "-4", "is now"),
    "an order of magnitude": (PRINTED, "1.5e-03", "e-03", "e-04", "1.5e-03 is now 1.5e-04"),
    "infinity's sign": (PRINTED, "x -> inf", "inf", "-inf", "is now"),
    "nan for a number": (PRINTED, "loss 0.25", "0.25", "nan", "0.25 is now nan"),
    "a link": (HTML, '<a href="a.html">x</a>', "a.html", "b.html", "a is now b"),
    "a class of HTML": (HTML, '<td class="ok">1</td>', "ok", "bad", "ok is now bad"),
    "a colour of HTML": (HTML, '<b style="color: red">x</b>', "red", "blue", "red is now blue"),
    "an emoji": (PRINTED, "done ✅", "✅", "❌", "is now"),
    "the order of lines": (PRINTED, "first\nsecond\n", "first\nsecond", "second\nfirst", "is now"),
    "half of a surrogate pair escaped": (PRINTED, r"\ud83d", "83d", "83e", "is now"),
    "a colour that ends later": (
        PRINTED, "\x1b[31ma\x1b[0mb", "a\x1b[0mb", "ab\x1b[0m", "is now"),
}  # fmt: skip

PASSES: Mapping[str, tuple[str, str, str, str, str]] = {
    "a mean in the sixth digit": (PLAIN, DESCRIBE, "0.123457", "0.123458", ""),
    "a column wider by rounding": (PLAIN, DESCRIBE, " 0.123457", "-0.1234571"[1:], ""),
    "rests of a matrix": (PLAIN, MATRIX, "2.22044605e-16", "1.11022302e-16", ""),
    "a rest of the other sign": (PLAIN, MATRIX, "-1.11022302e-16", " 5.55111512e-17", ""),
    "columns of an array": (PLAIN, TENSOR, "        [", "       [", ""),
    "the process of a warning": (PRINTED, WARNING, "ipykernel_4242", "ipykernel_31", ""),
    "a progress bar's way": (PRINTED, "0%\r100%\n", "0%\r1", "0%\r55%\r1", ""),
    "ends of lines of Windows": (PRINTED, "a\nb\n", "a\n", "a\r\n", ""),
    "minus zero in an array": (PLAIN, "array([0., 1.])", "0.,", "-0.,", ""),
    "a quantity in the last digit": (PLAIN, QUANTITY, "9.80665", "9.80666", ""),
}  # fmt: skip
