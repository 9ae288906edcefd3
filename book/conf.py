"""How Sphinx makes the book; `book.build` adds the language and the pages."""

# Sphinx reads every name of this file that it knows as a setting.
from d2l_autograd.course.noto_sans_sc import FONT
from d2l_autograd.course.pages import SOLUTIONS_IN_PRINT, mathjax

project = "d2l_autograd"
author = "The d2l_autograd contributors"
copyright = author

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "book.extension"]
templates_path = ["templates"]
suppress_warnings = [
    "myst.header",  # an exercise is a heading of the fourth level below a second
    "misc.highlighting_failure",  # the gallery has an … where data would stand
]

nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # from elsewhere, and no chapter needs them
myst_enable_extensions = ["amsmath", "attrs_inline", "dollarmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "book.extension.anchor_in_jupyter"

default_role = "py:obj"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False

html_theme = "sphinx_book_theme"
html_title = project
html_context = {"default_mode": "auto"}
html_static_path = ["static", str(mathjax()), str(SOLUTIONS_IN_PRINT), str(FONT)]
html_css_files = ["book.css"]
html_js_files = ["book.js", SOLUTIONS_IN_PRINT.name]
html_copy_source = False  # the notebooks themselves are beside the book
html_show_search_summary = False  # would be fetched, which a browser refuses for files
mathjax_path = mathjax().name
html_theme_options = {
    "article_header_end": ["book-buttons.html"],
    "navbar_persistent": [],
    "show_navbar_depth": 1,
    "max_navbar_depth": 2,
}
