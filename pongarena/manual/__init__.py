"""The manual: the man page, generated from the commands, and the documentation's pages, from Markdown."""
