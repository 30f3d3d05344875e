"""Adobe systems as local emulators, true to their documented wire."""
