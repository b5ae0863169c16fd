"""A page that plays: one HTML file with an agent in it, the game, and all that it needs."""
