state = State
metric = Metric
value = Value
interval-95 = 95 % interval
numbers = Numbers
popular-items = Popular items
running-now = Running now
form-faults = { $count ->
    [one] One field needs your attention:
   *[other] { $count } fields need your attention:
}
form-not-a-number = This must be a number, not '{ $value }'.
stage-train = Training
stage-validate = Validation
stage-tune = Search for hyperparameters
stage-evaluate = Evaluation
stage-refit = Training on all users
stage-write = Writing
stage-import = Import
stage-export = Export
time-left = { $time } left
running-more = and { $count } more
stage-split = Setting test users apart
stage-blend = Fitting the parts of the model
stage-gather = Reading the data
stage-metadata = Learning from metadata
stage-related = Fitting related items
stage-update = Update
stage-infer = Answering requests
stage-segment = Finding users
examples-per-second = { $count } examples a second
