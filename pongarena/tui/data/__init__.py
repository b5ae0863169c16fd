"""Read what the screens show, in threads; nothing here draws."""
