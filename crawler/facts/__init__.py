"""Bytes become facts: pure readers of pages, links and documents."""
