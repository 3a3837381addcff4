"""What acts without being asked: the heartbeat, tasks in the background, and the inbox where both leave what waits."""
