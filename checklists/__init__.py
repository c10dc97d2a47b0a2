"""JUDGE: does what was seen meet the duty? Pure functions of facts and data."""
