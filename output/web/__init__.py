"""The page auditors work on: what people see and decide, served on the loopback interface."""
