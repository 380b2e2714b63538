"""Labels: what people judged of rows, read, measured with, and acted on."""
