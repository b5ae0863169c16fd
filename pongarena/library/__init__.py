"""The user's models, and the background processes that train them."""
