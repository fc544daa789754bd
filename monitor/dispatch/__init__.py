"""Where crawls run: processes on this machine."""
