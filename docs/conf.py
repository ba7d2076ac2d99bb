"""The site of the documents: ``make docs`` builds it into ``build/docs``.

The pages are plain Markdown that any browser of the repository shows as well, so what only a site needs (the tree
of contents, links that leave ``docs``) is added here and in ``_ext``.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "_ext"), str(ROOT)]

_project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "Bayah"
author = _project["authors"][0]["name"]
copyright = f"{author}, Apache License 2.0"
release = version = _project["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "pages",
]
root_doc = "index"
exclude_patterns = ["data", "examples", "images"]
source_suffix = {".md": "markdown"}
language = "en"
# A site in a folder is read from there: quotes and dashes stay as the pages have them, for commands are copied.
smartquotes = False
show_warning_types = True

myst_heading_anchors = 4
myst_links_external_new_tab = False

html_theme = "furo"
html_title = f"Bayah {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f5a7a", "color-brand-content": "#1f5a7a"},
    "dark_css_variables": {"color-brand-primary": "#8cc4e0", "color-brand-content": "#8cc4e0"},
}
pygments_style = "friendly"
pygments_dark_style = "monokai"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autoclass_content = "class"
napoleon_google_docstring = False
napoleon_use_rtype = False

nitpicky = True
# Types are named in signatures as a reader writes them; only Bayah's own have pages here.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!sim\.).*"),
    (r"py:mod", r"sim\.plots"),
    (r"py:data", r"sim\.(outcomes|state)\..*"),
    (r"py:.*", r"sim\.(rules|engine|scenario|experiments\.plan|experiments\.store|results\.tables)\b.*"),
]
