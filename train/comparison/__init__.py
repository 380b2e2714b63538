"""Which version of the data makes the better model: adapters compared on the same rows, and the experiment that trains them."""
