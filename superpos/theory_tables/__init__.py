"""Tables of theory: closed forms and quadrature over grids. One file a table, each with `table`."""
