menu-operate = Operate
operate-traffic = Requests
operate-events = Events
operate-jobs = Jobs
operate-store = Storage
operate-log = Log
operate-window = Span of time
operate-10m = Last 10 minutes
operate-1h = Last hour
operate-24h = Last 24 hours
operate-by = Rows
operate-by-operation = Operation
operate-by-campaign = Campaign
operate-requests = Requests
operate-rate = Requests per second
operate-p50 = p50
operate-p95 = p95
operate-p99 = p99
operate-4xx = 4xx
operate-5xx = 5xx
operate-model = From the model
operate-cold-start = Cold start
operate-prepared = Prepared
operate-quiet = There were no requests in this span of time. The console's own calls do not count.
operate-others = All others
operate-picture-title = Requests per second
operate-picture = Requests per second over time, the busiest first from the bottom.
operate-minutes = Minutes from now
operate-table = The same as a table. Percentiles come from a histogram whose buckets double, counts above 32 are right to 3 %.
operate-more = { $count ->
    [one] One more is not shown.
   *[other] { $count } more are not shown.
}
operate-refused-title = Refused by limits since the start
operate-refused-lists = No turn to compute a list
operate-refused-keys = Too many requests of an access key
operate-refused-connections = Too many connections of an address
operate-refused-none = No limit has refused anything since the server started.
operate-waiting = Requests that wait for their turn now: { $count }
operate-limit = Limit
operate-of = Of
operate-refused-count = Refused
operate-elsewhere = For other programs
operate-dashboard = Dashboard for Grafana (JSON)
operate-alerts = Alert rules for Prometheus (YAML)
operate-elsewhere-help = The numbers of this page are those of /metrics, which may need a token.
operate-trackers = Events by event tracker
operate-trackers-none = There is no event tracker yet. One is made on the page Deploy of a dataset group.
operate-tracker = Event tracker
operate-group = Dataset group
operate-last-minute = Last minute
operate-last-hour = Last hour
operate-by-minute = By minute
operate-refusals = Refused calls
operate-refusals-none = No call with events or rows has been refused since the server started.
operate-target = Call
operate-reason = Reason
operate-calls = Calls
operate-last = Last
operate-clocks = Senders and their clocks
operate-clocks-help = Events should say when they happened in seconds since 1970. Counted since the server started, by access key; the events of this console do not count.
operate-odd-times = Events in milliseconds: { $milliseconds }; with a time of 1970: { $year }.
operate-senders-none = No access key has sent events since the server started.
operate-key = Access key
operate-milliseconds = In milliseconds
operate-1970 = Of 1970
operate-ahead = More than 5 min ahead
operate-behind = More than 5 min behind
operate-judgement = Clock
operate-clock-wrong = ▲ look at it
operate-clock-right = ● in order
operate-kinds = Jobs by kind
operate-kinds-help = Runs are counted since the server started; times are those of the last { $count } runs of a kind.
operate-kind = Kind
operate-waiting-jobs = Waiting
operate-running-jobs = Running
operate-completed = Completed
operate-failed = Failed
operate-retried = Retried
operate-stopped = Stopped
operate-median = Median time
operate-longest = Longest time
operate-ended = Runs that ended last
operate-ended-none = No job has ended since the server started.
operate-resource = Resource
operate-outcome = End
operate-took = Time
operate-disk-free = Free on the disk
operate-disk-size = Size of the disk
operate-memory = Memory in use
operate-memory-limit = Memory limit
operate-datasets = Imported data
operate-dataset = Dataset
operate-models = Models in use
operate-buckets = Buckets
operate-bucket = Bucket
operate-bytes = Size
operate-nothing-there = There is nothing yet.
operate-unused = Versions that are not deployed
operate-unused-none = Every solution version is deployed, or there is none.
operate-unused-sum = { $count ->
    [one] One version is not deployed; its model has { $bytes }.
   *[other] { $count } versions are not deployed; their models have { $bytes }.
}
operate-unused-table = The oldest first
operate-version = Solution / version
operate-made = Made
operate-delete = { $count ->
    [one] Delete an unused solution …
   *[other] Delete unused solutions ({ $count }) …
}
operate-delete-sure = The API deletes versions with their solution. No campaign answers from these solutions. Choose those that are to go with all of their versions; this cannot be undone.
operate-delete-versions = { $count ->
    [one] 1 version, { $bytes }
   *[other] { $count } versions, { $bytes }
}
operate-delete-now = Delete the chosen ones
operate-delete-none = No solution was chosen, so nothing was deleted.
operate-deleted = { $count ->
    [one] One solution is being deleted.
   *[other] { $count } solutions are being deleted.
}
operate-level = Least level
operate-all-levels = All
operate-log-search = Text or request id
operate-log-find = Find
operate-log-none = The log has no such line.
operate-log-help = The last 500 lines since the server started, the newest first. What is written at all is set by log.level.
operate-pause = Pause
operate-go-live = Live
operate-live-help = The newest { $count } lines, as they come. Pause to see all.
