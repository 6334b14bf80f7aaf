"""A measure becomes a plotly figure and the sentence that says the same. Nothing here queries or computes."""
