"""Small questions about pages, each answered by one function."""
