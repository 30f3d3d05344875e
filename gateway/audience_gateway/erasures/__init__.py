"""Erasures: ids of people that are removed wherever they were received, with a receipt for each place."""
