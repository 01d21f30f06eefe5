package query

import (
	"strings"
	"time"
)

// Seconds since 1970 need nine digits to be told from other numbers, and end with 2099.
const (
	minEpoch = 100000000
	maxEpoch = 4102444799
)

// fullDate reads a date that leaves nothing open: year, month, day and time of day,
// perhaps a zone (else UTC), in the forms of mail, ISO 8601 or git. Words it does not
// know are skipped.
func fullDate(s string, now time.Time) (time.Time, bool) {
	m := moment{unset, unset, unset, unset, unset, unset}
	zone := time.Duration(0)
	for i := 0; i < len(s); {
		rest := s[i:]
		switch c := rest[0]; {
		case isDigit(c):
			v, n := leadingNumber(rest)
			if v >= minEpoch && v <= maxEpoch && m.year == unset && m.month == unset && m.day == unset && m.hour == unset {
				return time.Unix(int64(v), 0).UTC(), true
			}
			if k := m.numbers(rest, now); k > 0 {
				n = k
			} else {
				m.lone(v, n)
			}
			i += n
		case isAlpha(c):
			i += m.named(rest, &zone)
		case (c == '+' || c == '-') && m.hour != unset:
			n := zoneOffset(rest, &zone)
			i += n
		default:
			i++
		}
	}
	if m.year == unset || m.month == unset || m.day == unset || m.hour == unset || m.minute == unset || m.sec == unset {
		return time.Time{}, false
	}
	return m.time().Add(-zone), true
}

// lone takes a number of n digits that stands alone in a full date.
func (m *moment) lone(v, n int) {
	switch {
	case n == 8 && m.year == unset && m.month == unset && m.day == unset: // YYYYMMDD
		m.date(v/10000, v/100%100, v%100, time.Time{})
	case n == 6 && m.day != unset && m.year != unset && m.hour == unset: // HHMMSS
		m.clock(v/10000, v/100%100, v%100)
	case n == 4 && m.year == unset && v > 1969 && v < 2100:
		m.year = v
	case n > 2:
	case v > 0 && v < 32 && m.day == unset:
		m.day = v
	case m.year == unset && n == 2 && v >= 70:
		m.year = 1900 + v
	case m.year == unset && n == 2 && v > 0 && v < 38:
		m.year = 2000 + v
	case v > 0 && v < 13 && m.month == unset:
		m.month = v
	}
}

// named takes a word of a full date and gives its length.
func (m *moment) named(s string, zone *time.Duration) int {
	n := 0
	for n < len(s) && isAlpha(s[n]) {
		n++
	}
	w := strings.ToLower(s[:n])
	if month := monthNumber(w); month > 0 {
		m.month = month
		return n
	}
	switch w {
	case "am", "pm":
		if m.hour != unset {
			m.hour %= 12
			if w == "pm" {
				m.hour += 12
			}
		}
	default:
		if h, ok := zones[w]; ok {
			*zone = time.Duration(h) * time.Hour
		}
	}
	return n
}

// zones are the names of RFC 5322 §4.3 and those that git knows besides, in hours east
// of UTC.
var zones = map[string]int{
	"z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "bst": 1, "cet": 1, "met": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3,
	"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "jst": 9,
}

// zoneOffset reads +hh, +hhmm or +hh:mm and gives its length.
func zoneOffset(s string, zone *time.Duration) int {
	v, n := leadingNumber(s[1:])
	var h, m int
	switch {
	case n == 4:
		h, m = v/100, v%100
	case n == 2 || n == 1:
		h = v
		if n+2 < len(s) && s[n+1] == ':' && isDigit(s[n+2]) {
			var k int
			m, k = leadingNumber(s[n+2:])
			n += 1 + k
		}
	default:
		return n + 1
	}
	if h < 24 && m < 60 {
		*zone = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
		if s[0] == '-' {
			*zone = -*zone
		}
	}
	return n + 1
}

// numbers reads numbers joined by one kind of sign, a time of day (10:30:15) or a date
// (2021-01-31, 1/31/2021, 31.1.2021), and gives the length read; 0 when it is neither.
func (m *moment) numbers(s string, now time.Time) int {
	a, n := leadingNumber(s)
	if n+1 >= len(s) || strings.IndexByte(":./-", s[n]) < 0 || !isDigit(s[n+1]) {
		return 0
	}
	sign := s[n]
	b, k := leadingNumber(s[n+1:])
	n += 1 + k
	c := unset
	if n+1 < len(s) && s[n] == sign && isDigit(s[n+1]) {
		c, k = leadingNumber(s[n+1:])
		n += 1 + k
	}
	if sign == ':' {
		if !m.clock(a, b, max(c, 0)) {
			return 0
		}
		return n + m.fraction(s[n:])
	}
	if a > 70 && c != unset {
		if m.date(a, b, c, time.Time{}) || m.date(a, c, b, time.Time{}) {
			return n
		}
	}
	// Whoever writes points puts the day first.
	if sign != '.' && m.date(c, a, b, now) || m.date(c, b, a, now) || sign == '.' && m.date(c, a, b, now) {
		return n
	}
	return 0
}

// fraction gives the length of a fraction of a second, which is only one when the date
// is known: "10:30.5" is the fifth at half past ten.
func (m *moment) fraction(s string) int {
	if m.day == unset || m.month == unset || m.year == unset || len(s) < 2 || s[0] != '.' || !isDigit(s[1]) {
		return 0
	}
	_, n := leadingNumber(s[1:])
	return n + 1
}

// clock sets the time of day if it is one.
func (m *moment) clock(hour, minute, sec int) bool {
	if hour > 24 || minute > 59 || sec > 60 {
		return false
	}
	m.hour, m.minute, m.sec = hour, minute, sec
	return true
}

// date sets the date if it is one. year may be unset; then it is now's. With now given,
// dates more than ten days ahead are refused, because another order of the numbers is
// then likelier.
func (m *moment) date(year, month, day int, now time.Time) bool {
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	given := year != unset
	switch {
	case !given && now.IsZero():
		return false
	case !given:
		year = now.Year()
	case year > 1969 && year < 2100:
	case year >= 70 && year < 100:
		year += 1900
	case year >= 0 && year < 38:
		year += 2000
	default:
		return false
	}
	if !now.IsZero() {
		t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if t.After(now.Add(10 * 24 * time.Hour)) {
			return false
		}
	}
	m.month, m.day = month, day
	if given {
		m.year = year
	}
	return true
}
