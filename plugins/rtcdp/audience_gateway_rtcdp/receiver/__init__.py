"""Members that a streaming destination of Experience Platform pushes."""
