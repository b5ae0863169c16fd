"""Learning: recipes, learners and the loop. No files, no user interface."""
