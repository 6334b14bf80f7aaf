"""Rows become measures. Each formula cites its source; nothing here queries or draws."""
