"""Which worker of pytest-xdist runs what: all of a notebook on one."""

from xdist.scheduler import LoadGroupScheduling


class NotebookScheduling(LoadGroupScheduling):
    """Spreads tests one by one, or by their group, but keeps the cells of a notebook together."""

    def _split_scope(self, nodeid: str) -> str:
        notebook, cell, _ = nodeid.partition(".ipynb::")
        return notebook if cell else super()._split_scope(nodeid)
