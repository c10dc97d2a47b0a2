"""How much is read of one file; all assumed ample for a legal document, a week's schedule or an issue of a gazette."""

MOST_PAGES = 30
"""Pages of a PDF, sheets of a workbook."""
MOST_ROWS = 2_000
"""Rows of a sheet."""
MOST_CELLS = 60
"""Cells of a row."""
MOST_CHARACTERS = 200_000
"""Characters of text."""
MOST_UNPACKED = 40_000_000
"""Bytes the parts of an archive may unpack to."""
CPU_SECONDS = 10
"""Processor time for one file; a page of text takes some hundredths of a second."""
WALL_SECONDS = 60
"""Time for one file on a machine that has others to serve."""
MEMORY = 600_000_000
"""Bytes of address space for reading one file."""
