"""Rules that measure and lay out what pages show: heat against the usual, the places of a graph, who contradicts whom."""
