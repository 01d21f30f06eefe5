package query

import "time"

// testNow is what the tests call now: a Sunday.
var testNow = time.Date(2021, 11, 21, 12, 34, 56, 0, time.UTC)
