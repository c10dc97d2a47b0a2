"""Bytes of attached files become text: what kind a file really is, and what it says. Pure; hostile files are read in a process with limits."""
