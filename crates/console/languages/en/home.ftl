home-empty = There is nothing here yet. A dataset group holds the data of one shop or site and everything that is trained from it.
home-steps = From data to recommendations: { $group }
home-group = Dataset group
home-groups = Dataset groups
home-domain = Domain
home-domain-none = None (custom recipes)
home-domain-help = A domain offers ready use cases beside the custom recipes.
home-create = Create dataset group
home-datasets = { $count ->
    [0] No data yet
    [one] One dataset
   *[other] { $count } datasets
}
home-campaigns = { $count ->
    [0] No active campaign
    [one] One active campaign
   *[other] { $count } active campaigns
}
home-add-data = Add data
home-see-data = See the data
home-see-training = See the solutions
home-see-campaigns = See the campaigns
home-needs-data = First add data.
home-needs-version = First train a solution version.
home-needs-campaign = First create a campaign.
home-user = For user { $user }
home-beats = Better than popular items, beyond noise
home-beats-not = Not better than popular items, beyond noise
home-failed = Failed in the last 7 days
failed-training = Training
failed-import = Import
failed-campaign = Campaign
failed-see-training = See the training and its settings
failed-see-data = See what the data lacks
failed-see-import = See the import
failed-dismiss = Dismiss
home-rows = { $rows ->
    [one] 1 row
   *[other] { $rows } rows
 }
traffic-title = Traffic of the last hour
traffic-none = Nobody has asked for recommendations or sent events in the last hour.
traffic-help = Lines are of the last hour by minute; numbers are of the last minute. Requests of this console are not counted.
traffic-requests = Requests per second
traffic-p95 = 95 of 100 answered within
traffic-ms = { $ms } ms
traffic-errors = Errors
traffic-events = Events per second
home-users = Users
home-items = Items
home-interactions = Interactions
home-last-event = Last event
home-campaign-count = Campaigns
