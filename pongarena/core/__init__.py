"""What has nothing of Pong in it: errors, texts, files, paths, options, compilation."""
