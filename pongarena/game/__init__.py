"""Atari 2600 Pong with both paddles under control: the real cartridge, or its compiled rules."""
