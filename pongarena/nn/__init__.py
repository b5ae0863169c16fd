"""The network, its optimisers and its files."""
