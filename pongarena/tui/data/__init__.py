"""What the screens show, read from files in threads; nothing here draws."""
