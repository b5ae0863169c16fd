"""Start other processes and change the library on behalf of the screens."""
