"""A web page to play against an agent: one HTML file with the agent, the game, and all that it needs."""
