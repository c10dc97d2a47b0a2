"""Online services as agencies declare them, and whether they answer: register, plan of probes, probing, sealed batches."""
