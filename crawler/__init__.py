"""LOOK: what is out there. Knows no checklist, only the Targets it is handed."""
