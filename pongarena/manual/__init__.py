"""The manual: the man page, made of the commands, and the documentation's pages, made of Markdown."""
