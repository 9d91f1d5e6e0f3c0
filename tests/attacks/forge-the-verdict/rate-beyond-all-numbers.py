# tries: a rate that is infinite, so that the check which explains it fails itself
# must: failed: a setting like others, and no fault of the grader's
# ends: optimizer=failed
# earns: model
# %% model right
# %% optimizer
sgd = torch.optim.SGD(model.parameters(), lr=float("inf"), momentum=0.9)
