"""Playing: two players, one cartridge, and the window."""
