"""The cartridge: one real Atari 2600 Pong, both paddles drivable, alone or many at once."""
