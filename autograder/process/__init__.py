"""The process that grades: interrupts, scratch folders, what student code may change of it, what is installed."""
