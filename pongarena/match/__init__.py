"""Playing without a window: two players, one cartridge, the log of all matches, and the ratings."""
