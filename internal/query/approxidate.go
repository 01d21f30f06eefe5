package query

import "time"

// Approxidate reads a time in git's words.
func Approxidate(s string, now time.Time) (time.Time, bool) {
	if s == "now" {
		return now, true
	}
	return time.Time{}, false
}
