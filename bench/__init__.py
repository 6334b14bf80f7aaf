"""How fast and how big: `python -m bench` measures what bench/README.md quotes. The browser tests start their
dashboard and their Chromium from here too."""
