"""The pages, one module each: what a request asks for, and what stands on the answer."""
