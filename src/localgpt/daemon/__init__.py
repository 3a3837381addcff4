"""The process that stays: one per home, with everything warm, behind the command line, the page and the heartbeat."""
