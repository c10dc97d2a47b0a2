"""Tables in the published form and rows for other programs."""
