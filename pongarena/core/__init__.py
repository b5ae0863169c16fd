"""Code that knows nothing of Pong: errors, texts, files, paths, options, compilation."""
