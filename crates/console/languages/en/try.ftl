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
try-other = Beside it
try-no-other = No other
try-session = Session id
try-session-help = For a visitor without an id, or the session of the events that you send.
try-similar-by = Similar items by
try-needs-more = Fill in what this campaign needs: an item, or items to rank.
try-move-same = same place
try-move-up = { $places ->
    [one] up one place
   *[other] up { $places } places
}
try-move-down = { $places ->
    [one] down one place
   *[other] down { $places } places
}
try-move-new = new
try-nothing-moved = Every item has the same place.
try-moved = Moved: { $moved }, new: { $new }, gone: { $gone }.
try-gone = Gone, with the former place
try-gone-there = Only in { $name }, with the place there
try-against-before = Against the list before the event.
try-against-given = Against the order that you gave.
try-against-other = Against { $name }.
try-overlap = { $shared } of the first { $of } items are in both lists.
try-send = Send the event { $type } for { $item }
try-sent = The event { $type } for { $item } was sent.
try-sent-done = Show the list without the difference
try-similar = Similar items
try-similar-to = Similar items: { $item }
try-walk = Way along similar items
try-walk-start = The list at the start
try-unknown-item = Unknown item: at the end, in the order given
try-no-tracker = The dataset group has no event tracker, so it takes no events.
try-make-tracker = Event tracker
try-no-event = No event was chosen.
try-event-of-nobody = Events need a user id or a session id.
try-history-form = A visitor without an id
try-history-items = Items of the history
try-history-help = Ids with commas between them, or one on each line, the oldest first; at most { $max }. They are sent as events of a session and stay in the data.
try-history-length = A history has 1 to { $max } items, not { $count }.
try-history-submit = Send and ask
try-event-type = Type of the events
try-visitor = Session id of the visitor
try-visitor-help = Empty makes a new one.
