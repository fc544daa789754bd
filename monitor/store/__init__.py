"""Where articles are kept: one port, several adapters, one contract suite over all of them."""
