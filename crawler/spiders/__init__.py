"""Scrapy spiders, thin: they drive a visit and record what came back."""
