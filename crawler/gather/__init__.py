"""One visit: which page next, what a page turned out to be, when to stop. Pure; the spider fetches."""
