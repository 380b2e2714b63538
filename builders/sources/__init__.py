"""Where rows come from: places and formats."""
