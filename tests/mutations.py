"""Changes to the stored chapters and to their code, each with the verdict that it has to get.

`MUTATIONS` has them all by name. A verdict is where the check fails and a part of the line that
says why, or that it passes; and beside it what plain nbval makes of the same change, in notebooks
without the descriptions of figures, which it does not know.
"""

from mutation import C1, C2, C3, Mutation, nothing
from mutations_added import ADDED_MUTATIONS
from mutations_cells import CELL_MUTATIONS
from mutations_code import CODE_MUTATIONS
from mutations_figures import FIGURE_MUTATIONS
from mutations_files import FILE_MUTATIONS
from mutations_pictures import PICTURE_MUTATIONS
from mutations_printed import PRINTED_MUTATIONS

UNCHANGED = {
    f"nothing in {name}": Mutation(name, nothing, "", "", "passes") for name in (C1, C2, C3)
}
_TABLES = (
    UNCHANGED,
    PRINTED_MUTATIONS,
    CELL_MUTATIONS,
    ADDED_MUTATIONS,
    FILE_MUTATIONS,
    FIGURE_MUTATIONS,
    PICTURE_MUTATIONS,
    CODE_MUTATIONS,
)
MUTATIONS: dict[str, Mutation] = {
    name: mutation for table in _TABLES for name, mutation in table.items()
}
