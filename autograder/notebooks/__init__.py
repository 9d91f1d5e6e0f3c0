"""A notebook as it is on disk: files that are not quite one, its cells and headings, and what their source says."""
