"""Landing: delivered files become rows, every record landed or rejected with a reason."""
