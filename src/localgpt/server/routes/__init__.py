"""The routes, one room for each subject; ``ROUTERS`` names the rooms whose ``router`` the server includes."""

ROUTERS = (
    "status",
    "chat",
    "turns",
    "sessions",
    "conversation",
    "slash",
    "events",
    "login",
    "ws",
    "docs",
    "memory",
    "notes",
    "history",
    "attachments",
    "models",
    "settings",
    "activity",
    "usage",
    "logs",
    "doctor",
    "heartbeat",
    "inbox",
    "tasks",
    "page",
)
"""In this order; ``page`` stays the last, for it takes every address that is left."""
