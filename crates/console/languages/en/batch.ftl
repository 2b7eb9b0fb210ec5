menu-batch = Segments and batch
batch-purpose = Lists for many users at once, and groups of users who would want an item: for campaigns by mail, newsletters and audiences.
batch-empty = Nothing was made for many users yet.
batch-create = Make lists or a segment
batch-job = Job
batch-makes = Makes
batch-lists = Lists for many
batch-segments = Groups of users
batch-older = { $count ->
    [one] One older job is not shown.
   *[other] { $count } older jobs are not shown.
}
batch-again = Make it again
batch-first = The first answers
batch-first-help = { $count ->
    [one] The first line of { $file }.
   *[other] The first { $count } lines of { $file }.
}
batch-no-answers = There are no answers to show: the files are empty, or they are in a bucket that this page cannot read.
batch-more = { $count ->
    [one] … and one more
   *[other] … and { $count } more
}
batch-no-files = No files with answers were found at the output.
batch-users-file = Download as rows for Braze or a spreadsheet (CSV)
batch-users-help-lists = A row for each user: external_id and up to 25 columns of items, as the import of users in Braze takes them. Values that a spreadsheet would take for a formula have an apostrophe before them.
batch-users-help-segments = A row for each user of a segment: external_id and the name of the segment, as the import of users in Braze takes them. Values that a spreadsheet would take for a formula have an apostrophe before them.
batch-settings = Settings
batch-input = Requests
batch-output = Answers
batch-results = Number of results
batch-results-help = For each line; 25 if nothing is said.
batch-filter = Filter
batch-filter-help = A filter with parameters wants a value for each; fields for them come when one is missing. Files of requests have the values in their lines.
batch-filter-value-none = The filter wants a value here.
batch-filter-values-in-files = A file of requests has its values in its own lines; leave this empty.
batch-mode = Mode
batch-no-version = There is no active solution version that can answer for many.
batch-version-help = A recipe for users takes users, one for similar items takes items, one for segments gives the users who would want an item.
batch-version-gone = Choose one of the active solution versions.
batch-requests = For whom or what
batch-requests-help = One a line: users, items, or for segments by attributes a condition such as ITEMS.GENRES = "Comedy". For a ranking the user and the items, with commas between. A line that begins with a brace is a whole request in JSON.
batch-requests-twice = Either lines above or a place here, not both.
batch-requests-none = Say for whom: lines here, or a place with files below.
batch-bad-line = Line { $line } is no request: “{ $text }”.
batch-location = Or a place with files of requests
batch-location-help = A file or a folder of files with one JSON object a line, in a bucket of this server or one that it knows.
batch-themes = A theme for each list of similar items
batch-theme-column = Column with the names of the items
batch-theme-column-help = Needed for themes.
