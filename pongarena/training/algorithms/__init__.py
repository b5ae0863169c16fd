"""The learning algorithms: each recipe's settings and trainer."""
