package mail

import (
	"strings"
	"time"
)

// ParseDate reads a date as RFC 5322 §3.3 has it, or as programs wrote it instead: ctime,
// ISO 8601, two-digit years, named zones, month before day. Comments and days of the
// week are skipped. A date without zone is UTC; a zone's hours may be any number, because
// where they are absurd the instant was right and the zone was not. Dates that do not
// exist, or lie before 1970, are refused. The result is in UTC.
func ParseDate(s string) (time.Time, bool) {
	const maxDate = 500 // bytes; nothing readable is longer
	var d dateParts
	s = s[:min(len(s), maxDate)]
	for s != "" {
		if s[0] == '(' { // a comment; it may lack its end
			i := strings.IndexByte(s, ')')
			if i < 0 {
				break
			}
			s = s[i+1:]
			continue
		}
		if i := strings.IndexByte(" \t\r\n,\"", s[0]); i >= 0 {
			s = s[1:]
			continue
		}
		i := strings.IndexAny(s, " \t\r\n,(\"")
		if i < 0 {
			i = len(s)
		}
		if !d.token(s[:i]) {
			return time.Time{}, false
		}
		s = s[i:]
	}
	return d.time()
}

// dateParts is what has been read of a date.
type dateParts struct {
	year, month, day     int // month and day are 0 while unknown
	hour, minute, second int
	offset               int // of the zone, in minutes east of UTC
	hasYear              bool
	hasClock             bool
	seconds              bool // the clock had seconds
	hasZone              bool
}

// time gives the instant when there is one.
func (d *dateParts) time() (time.Time, bool) {
	if !d.hasYear || d.month == 0 || d.day == 0 || d.year < 1970 || d.year > 9999 ||
		d.hour > 23 || d.minute > 59 || d.second > 59 || d.hour < 0 {
		return time.Time{}, false
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, time.UTC)
	if t.Day() != d.day || int(t.Month()) != d.month { // 31 February
		return time.Time{}, false
	}
	return t.Add(-time.Duration(d.offset) * time.Minute), true
}

// token takes one token in. It is false when the date cannot be read any more.
func (d *dateParts) token(s string) bool {
	c := s[0]
	switch {
	case c == '+' || c == '-':
		return !d.hasClock || d.hasZone || d.zone(s) || len(s) == 1
	case !isDigit(c):
		return d.word(s)
	case strings.IndexByte(s, ':') >= 0:
		if i := strings.IndexAny(s, "Tt"); i > 0 { // ISO 8601
			return d.dashed(s[:i]) && d.clock(s[i+1:])
		}
		return d.clock(s)
	case strings.IndexByte(s, '-') >= 0 || strings.IndexByte(s, '/') >= 0:
		return d.dashed(s)
	case len(s) >= 15 && (s[8] == 'T' || s[8] == 't'): // 20060102T150405Z
		return d.compact(s)
	case strings.Count(s, ".") == 2 && d.day != 0 && !d.hasClock:
		return d.clock(strings.ReplaceAll(s, ".", ":"))
	}
	n, ok := number(strings.TrimRight(s, "."))
	switch {
	case !ok:
		return d.ordinal(s)
	case d.hasClock && d.hasYear && d.day != 0 && len(s) == 4:
		if !d.hasZone {
			return d.zone("+" + s)
		}
	case d.day == 0 && len(s) <= 2:
		d.day = n
	case !d.hasYear && (len(s) == 4 || d.day != 0 && len(s) <= 4):
		d.year, d.hasYear = fullYear(n), true
	default:
		return d.hasClock && d.hasYear // what follows a whole date is ignored
	}
	return true
}

// ordinal reads "1st", "2nd" …
func (d *dateParts) ordinal(s string) bool {
	n, ok := number(strings.TrimRight(s, "stndrh"))
	if !ok || d.day != 0 || len(s) > 4 {
		return d.hasClock && d.hasYear
	}
	d.day = n
	return true
}

// word takes a month, a zone, am or pm; other words are skipped where they may be days
// of the week or other decoration, but not in place of the zone.
func (d *dateParts) word(s string) bool {
	if m := monthOf(s); m != 0 && d.month == 0 {
		d.month = m
		return true
	}
	switch {
	case !d.hasClock:
		return true
	case strings.EqualFold(s, "am"):
		if d.hour == 12 {
			d.hour = 0
		}
		return true
	case strings.EqualFold(s, "pm"):
		if d.hour < 12 {
			d.hour += 12
		}
		return true
	case d.hasZone:
		return true
	}
	return d.zone(s)
}

// dashed reads 2006-01-02, 2-Jan-2006, 2-Jan-06, 1/2/2006 and 2006/1/2.
func (d *dateParts) dashed(s string) bool {
	p := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' })
	if len(p) != 3 || d.hasYear || d.month != 0 || d.day != 0 {
		return false
	}
	year, month, day := p[2], p[0], p[1] // American
	switch {
	case len(p[0]) == 4:
		year, month, day = p[0], p[1], p[2]
	case monthOf(p[1]) != 0:
		month, day = p[1], p[0]
	}
	y, okYear := number(year)
	n, okDay := number(day)
	m, okMonth := number(month)
	if !okMonth {
		m = monthOf(month)
	}
	if !okYear || !okDay || m < 1 || m > 12 || len(year) > 4 {
		return false
	}
	d.year, d.month, d.day, d.hasYear = fullYear(y), m, n, true
	return true
}

// compact reads 20060102T150405Z.
func (d *dateParts) compact(s string) bool {
	return d.dashed(s[:4]+"-"+s[4:6]+"-"+s[6:8]) &&
		d.clock(s[9:11]+":"+s[11:13]+":"+s[13:15]+s[15:])
}

// clock reads 15:04, 15:04:05 and 15:04:05.999, with a zone behind or not.
func (d *dateParts) clock(s string) bool {
	if d.hasClock {
		return true
	}
	end := 0
	for end < len(s) && (isDigit(s[end]) || s[end] == ':' || s[end] == '.') {
		end++
	}
	clock, zone := s[:end], s[end:]
	if i := strings.IndexByte(clock, '.'); i >= 0 {
		clock = clock[:i]
	}
	hour, rest, _ := strings.Cut(clock, ":")
	minute, second, seconds := strings.Cut(rest, ":")
	var okHour, okMinute, okSecond bool
	d.hour, okHour = number(hour)
	d.minute, okMinute = number(minute)
	d.second, okSecond = number(second)
	if !okHour || !okMinute || seconds && !okSecond || len(hour) > 2 || len(minute) > 2 || len(second) > 2 {
		return false
	}
	d.hasClock, d.seconds = true, seconds
	switch {
	case zone == "":
		return true
	case isDigit(zone[0]):
		return false
	}
	return d.word(zone)
}

// zone reads +0200, +02:00, +2, EST, GMT+0200.
func (d *dateParts) zone(s string) bool {
	d.hasZone = true
	i := strings.IndexAny(s, "+-")
	if i > 0 { // the name says nothing the number does not
		s = s[i:]
	}
	if i < 0 {
		offset, ok := zoneOffset(s)
		d.offset = offset
		return ok
	}
	sign := 1
	if s[0] == '-' {
		sign = -1
	}
	n, ok := number(strings.Replace(s[1:], ":", "", 1))
	if !ok || len(s) > 6 {
		d.hasZone = false
		return len(s) > 6 && ok
	}
	if len(s) <= 3 {
		n *= 100
	}
	d.offset = sign * (n/100*60 + n%100)
	return true
}

// zoneOffset gives the offset of a named zone in minutes. RFC 5322 §4.3: the military
// zones are worthless and mean UTC.
func zoneOffset(s string) (minutes int, ok bool) {
	if len(s) == 1 {
		return 0, true
	}
	hours := 0
	switch strings.ToUpper(s) {
	case "UT", "UTC", "GMT", "WET":
	case "BST", "CET", "MET", "MEZ", "WEST":
		hours = 1
	case "CEST", "MEST", "MESZ", "EET", "SAST":
		hours = 2
	case "EEST", "MSK":
		hours = 3
	case "MSD":
		hours = 4
	case "IST":
		return 5*60 + 30, true
	case "SGT", "HKT", "AWST":
		hours = 8
	case "JST", "KST":
		hours = 9
	case "AEST":
		hours = 10
	case "AEDT":
		hours = 11
	case "NZST":
		hours = 12
	case "NZDT":
		hours = 13
	case "EST", "CDT":
		hours = -5
	case "EDT":
		hours = -4
	case "CST", "MDT":
		hours = -6
	case "MST", "PDT":
		hours = -7
	case "PST", "AKDT":
		hours = -8
	case "AKST":
		hours = -9
	case "HST":
		hours = -10
	default:
		return 0, false
	}
	return hours * 60, true
}

// monthOf gives the month whose English name, or its first letters (at least three), s
// is; 0 when it is none.
func monthOf(s string) int {
	s = strings.TrimSuffix(s, ".")
	if len(s) < 3 || len(s) > len("september") {
		return 0
	}
	for i, name := range [...]string{"january", "february", "march", "april", "may", "june",
		"july", "august", "september", "october", "november", "december"} {
		if len(s) <= len(name) && strings.EqualFold(s, name[:len(s)]) {
			return i + 1
		}
	}
	return 0
}

// number reads up to nine decimal digits.
func number(s string) (int, bool) {
	if s == "" || len(s) > 9 {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// fullYear completes the years of old programs (RFC 5322 §4.3).
func fullYear(y int) int {
	switch {
	case y < 50:
		return y + 2000
	case y < 1000:
		return y + 1900
	}
	return y
}
