"""What Sphinx needs to know; VIT_LANG says which language it builds. Run by `python -m course site`."""

import os
from pathlib import Path

from course.site.build import other_page, words

_HERE, _LANGUAGE = Path(__file__).parent, os.environ["VIT_LANG"]

project = html_title = words("title", _LANGUAGE)
author, copyright = "", "Apache-2.0"
language = html_search_language = _LANGUAGE
if language == "zh":
    language = "zh_CN"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinxcontrib.katex"]
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

nb_execution_mode = "off"  # what is shown was run by `python -m course run`
nb_ipywidgets_js = {}  # nothing comes from a delivery network
myst_enable_extensions = ["dollarmath", "html_image"]
myst_heading_anchors = 3
katex_css_path = "site.css"  # MathML needs no style sheet and no fonts of its own
katex_options = 'output: "mathml"'

html_theme = "sphinx_book_theme"
html_theme_options = {
    "article_header_end": ["other-language.html", "toggle-secondary-sidebar.html"],
    "show_toc_level": 2,
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],  # the side bar has the search
    "use_download_button": False,
    "use_fullscreen_button": False,
}
templates_path = [str(_HERE / "templates")]
html_static_path = [str(_HERE / "static")]
html_css_files = ["site.css"]
html_js_files = [("split_query.js", {"priority": 100})]
html_copy_source = False
html_show_search_summary = False  # it would fetch pages, which a folder does not allow
html_show_sphinx = False


def setup(app):
    """Each page knows the same page in the other language; the search knows the course's terms."""
    app.connect("html-page-context", lambda _, name, __, context, ___: context.update(other_page(name, _LANGUAGE)))
    if _LANGUAGE == "zh":
        app.config.html_search_options = {"dict": str(Path(app.srcdir) / "terms.txt")}
