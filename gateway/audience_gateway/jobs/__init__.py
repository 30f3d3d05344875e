"""Durable execution: jobs made of steps whose results are kept, so that a killed job goes on where it was."""
