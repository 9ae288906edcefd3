"""``python -m d2l_autograd``: the command line."""

import sys

from d2l_autograd.cli import main

sys.exit(main())
