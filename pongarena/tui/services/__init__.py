"""What the screens let other processes do, and wait for."""
