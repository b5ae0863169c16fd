"""The school: how it works, told with live numbers of a chosen network."""
