try-empty = There is no active campaign or recommender to try yet.
try-ask = Choose a user or an item and ask for recommendations.
try-target = Campaign or recommender
try-item = Item id
try-items = Items to rank
try-items-help = Ids with commas between them, or one on each line.
try-user = User id
try-user-help = Empty is a visitor without an id.
try-short = short history
try-median = middle history
try-long = long history
try-new = unknown user
try-results = Number of results
try-filter-and-promotion = Filter and promotion
try-filter = Filter
try-no-filter = None
try-filter-value-help = Several values with commas between them.
try-promotion = Promote items of the filter
try-promotion-help = Items that this filter lets pass get a share of the places.
try-promotion-share = Share of the places in %
try-context = Context
try-submit = Ask
try-history = What the user did
try-unknown-user = Nothing is known of this user, so the list is what is popular.
try-list = { $count ->
    [one] One recommendation
   *[other] { $count } recommendations
}
try-nothing = No item is left: the filter lets none pass.
try-answered = Answered in { $took } ms
try-recommendation-id = Recommendation id
try-score = Score
reason-model = Where the model ranks it
reason-explored = Explored: a new item of which little is known
reason-popular = Popular: fills up the list
reason-promoted = Promoted by { $promotion }
