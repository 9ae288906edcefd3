"""The course as a web site: the chapters as they are stored, and the pages of ``docs/``."""
