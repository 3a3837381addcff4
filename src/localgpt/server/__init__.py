"""The page and the HTTP interface; only the daemon imports this floor."""
