"""The school: how it works, explained with live numbers of a chosen network."""
