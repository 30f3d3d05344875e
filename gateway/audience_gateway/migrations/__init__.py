"""How the gateway's tables came to be, one step a file in `versions`."""
