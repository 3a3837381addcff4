"""The desktop window: the daemon's page in a native window, else in a Chromium app window, else in the browser."""
