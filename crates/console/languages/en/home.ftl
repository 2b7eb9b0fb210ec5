home-empty = There is nothing here yet. A dataset group holds the data of one shop or site and everything that is trained from it.
home-group = Dataset group
home-state = State
