"""A run as one HTML file that asks no host for anything."""
