"""WEIGH: settled claims become numbers, in exact fractions."""
