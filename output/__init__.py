"""SHOW: everything a person touches, and the one place that joins the other rooms."""
