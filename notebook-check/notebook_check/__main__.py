"""``python -m notebook_check``."""

import sys

from notebook_check.cli import main

sys.exit(main())
