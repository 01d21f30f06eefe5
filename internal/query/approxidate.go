package query

import (
	"strings"
	"time"
)

// Approxidate reads a time the way git's --since does: yesterday, last.week,
// 2.months.ago, noon, last.friday, jan 5, 2021-01-31, 10:30, full dates of mail and
// ISO 8601, seconds since 1970 from nine digits on. Words may be separated by
// anything. What is not said is taken from now (a date alone has now's time of day), in
// UTC. It reports false when it understands nothing; there git answers now.
//
// It differs from git where git's answer helps no one: a unit or weekday that stands
// alone counts as one (friday, a.week.ago; git: now), a weekday after a date is counted
// from that date (git: from now's weekday), and times before 1970 are what they are. It
// follows git 2.39 in everything else, odd or not: before noon, "noon" is yesterday's,
// also right after a date.
func Approxidate(s string, now time.Time) (time.Time, bool) {
	now = now.UTC().Truncate(time.Second)
	if t, ok := fullDate(s, now); ok {
		return t, true
	}
	r := dateReader{moment: timeOfDay(now), now: now}
	for i := 0; i < len(s); {
		switch {
		case isDigit(s[i]):
			r.settle()
			i += r.digits(s[i:])
		case isAlpha(s[i]):
			i += r.word(s[i:])
		default:
			i++
		}
	}
	r.settle()
	if !r.used && len(r.alone) == 1 {
		r.num = 1
		r.unit(r.alone[0])
	}
	t := r.back(0)
	return t, r.used && t.Year() >= 0 && t.Year() <= 9999
}

// unset marks the part of a moment that nothing has been said about.
const unset = -1

// moment is a time in parts, each of which may be unset or overflow into the next.
type moment struct {
	year, month, day  int // month 1 to 12
	hour, minute, sec int
}

func timeOfDay(t time.Time) moment {
	return moment{unset, unset, unset, t.Hour(), t.Minute(), t.Second()}
}

func (m moment) time() time.Time {
	return time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.sec, 0, time.UTC)
}

// dateReader reads loose dates. Words and numbers act in the order in which they stand.
type dateReader struct {
	moment
	now   time.Time
	num   int      // a number that waits for the word after it, 0 for none
	zero  bool     // the last number was 0
	used  bool     // something was understood
	alone []string // units and weekdays without a number
}

// back fills what is unset from now and goes back by d.
func (r *dateReader) back(d time.Duration) time.Time {
	if r.day == unset {
		r.day = r.now.Day()
	}
	if r.month == unset {
		r.month = int(r.now.Month())
	}
	if r.year == unset {
		r.year = r.now.Year()
		if r.month > int(r.now.Month()) {
			r.year-- // a month that is yet to come is last year's
		}
	}
	t := r.time().Add(-d)
	r.moment = timeOfDay(t)
	r.year, r.month, r.day = t.Year(), int(t.Month()), t.Day()
	return t
}

// settle gives a number that no word has claimed to the first part it can be.
func (r *dateReader) settle() {
	n := r.num
	r.num = 0
	switch {
	case n == 0:
		return
	case r.day == unset && n < 32:
		r.day = n
	case r.month == unset && n < 13:
		r.month = n
	case r.year == unset && n > 1969 && n < 2100:
		r.year = n
	case r.year == unset && n > 69 && n < 100:
		r.year = 1900 + n
	case r.year == unset && n < 38:
		r.year = 2000 + n
	default:
		return
	}
	r.used = true
}

// digits reads a number, or several with signs between them that make a time or date.
func (r *dateReader) digits(s string) int {
	if n := r.numbers(s, r.now); n > 0 {
		r.used = true
		return n
	}
	v, n := leadingNumber(s)
	if s[0] != '0' || n <= 2 {
		r.num = v
		r.zero = v == 0
	}
	return n
}

// word reads a word and gives its length.
func (r *dateReader) word(s string) int {
	n := 0
	for n < len(s) && isAlpha(s[n]) {
		n++
	}
	if n < len(s) && isDigit(s[n]) {
		return n // "jan5" is no month
	}
	w := strings.ToLower(s[:n])
	if m := monthNumber(w); m > 0 {
		r.month, r.used = m, true
		return n
	}
	if r.special(w) {
		r.used = true
		return n
	}
	switch v, isUnit := numberWords[w], isUnit(w); {
	case r.num == 0 && v > 0:
		r.num = v
	case r.num == 0 && isUnit && r.zero:
		r.used, r.zero = true, false
	case r.num == 0 && isUnit:
		r.alone = append(r.alone, w)
	case isUnit:
		r.unit(w)
	}
	return n
}

var numberWords = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
	"six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "last": 1}

// special handles words that have a meaning of their own.
func (r *dateReader) special(w string) bool {
	switch w {
	case "now":
		r.num = 0
		r.back(0)
	case "today":
	case "yesterday":
		r.num = 0
		r.back(24 * time.Hour)
	case "midnight":
		r.oclock(0)
	case "noon":
		r.oclock(12)
	case "tea":
		r.oclock(17)
	case "am", "pm":
		if n := r.num; n > 0 {
			r.hour, r.minute, r.sec, r.num = n, 0, 0, 0
		}
		r.hour %= 12
		if w == "pm" {
			r.hour += 12
		}
	case "never":
		r.num = 0
		r.moment = moment{year: 1970, month: 1, day: 1}
	default:
		return false
	}
	return true
}

// oclock sets the full hour, of the day before when it is yet to come.
func (r *dateReader) oclock(hour int) {
	r.settle()
	if r.hour < hour {
		r.back(24 * time.Hour)
	}
	r.hour, r.minute, r.sec = hour, 0, 0
}

// durations of the units that have a fixed one, in singular.
var durations = map[string]time.Duration{
	"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour,
}

// isUnit reports whether w is a unit of time or a weekday.
func isUnit(w string) bool {
	one := strings.TrimSuffix(w, "s")
	return durations[one] > 0 || one == "month" || one == "year" || weekday(w) >= 0
}

// unit goes back by the number read before and w.
func (r *dateReader) unit(w string) {
	n := r.num
	r.num, r.used = 0, true
	one := strings.TrimSuffix(w, "s")
	switch d := durations[one]; {
	case d > 0 && int64(n) > int64(maxSpan/d):
		r.used = false
	case d > 0:
		r.back(time.Duration(n) * d)
	case one == "month":
		r.back(0)
		r.year -= n / 12
		if r.month -= n % 12; r.month < 1 {
			r.month += 12
			r.year--
		}
	case one == "year":
		r.back(0)
		r.year -= n
	default:
		r.back(0)
		days := int(r.time().Weekday()) - weekday(w)
		if days > 0 {
			n--
		}
		if n > int(maxSpan/(7*24*time.Hour)) {
			r.used = false
			return
		}
		r.back(time.Duration(days+7*n) * 24 * time.Hour)
	}
}

// maxSpan is the longest way back, less than a time.Duration can hold.
const maxSpan = 250 * 365 * 24 * time.Hour

var monthNames = [...]string{"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december"}

// monthNumber gives 1 to 12 for a month's name or at least three letters of it, else 0.
func monthNumber(w string) int {
	for i, name := range monthNames {
		if len(w) >= 3 && strings.HasPrefix(name, w) {
			return i + 1
		}
	}
	return 0
}

var weekdayNames = [...]string{"sundays", "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays"}

// weekday gives 0 (Sunday) to 6 for a weekday's name or at least three letters of it,
// else -1.
func weekday(w string) int {
	for i, name := range weekdayNames {
		if len(w) >= 3 && strings.HasPrefix(name, w) {
			return i
		}
	}
	return -1
}

// leadingNumber reads the digits at the start of s; their value stops growing where it
// is too great for any use.
func leadingNumber(s string) (v, n int) {
	for n < len(s) && isDigit(s[n]) {
		if v < 1e12 {
			v = v*10 + int(s[n]-'0')
		}
		n++
	}
	return v, n
}

func isAlpha(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
