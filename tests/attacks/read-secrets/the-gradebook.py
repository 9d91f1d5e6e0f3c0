# tries: opens gradebooks where they usually lie
# must: not there
# %% layer
import glob, os, sqlite3
for path in ("gradebook.db", "../gradebook.db", "/gradebook.db", *glob.glob("/*/gradebook.db"), *glob.glob("/*/*/*/gradebook.db")):
    try:
        print(path, open(path, "rb").read(1000))
        print(sqlite3.connect(path).execute("select * from sqlite_master").fetchall())
    except Exception as error:
        print(path, error)
layer = nn.Identity()
