"""Sphinx settings; `make docs` builds."""

from __future__ import annotations

from bert4text import __version__

project = "BERT4Text"
author = "The BERT4Text authors"
copyright = "the BERT4Text authors, Apache-2.0"
version = release = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "BERT4Text"
html_static_path: list[str] = []
html_show_sourcelink = False
html_theme_options = {"source_repository": "", "top_of_page_buttons": []}
