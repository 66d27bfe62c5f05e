"""How extraction's weights are fitted and scored."""
