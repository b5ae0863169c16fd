"""The network and its files: numpy only."""
