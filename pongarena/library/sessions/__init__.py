"""Sessions, the processes that train models, and the functions that control them from outside."""
