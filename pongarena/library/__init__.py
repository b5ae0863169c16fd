"""The library: the models in the user's data directory, and the sessions that train them."""
