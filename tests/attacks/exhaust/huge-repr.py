# tries: an object whose text is 300 MB
# must: cut, or refused
# %% layer
class Long:
    def __repr__(self): return "z" * 300_000_000
Long()
layer = Long()
