package query

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxDigits bounds numbers in ranges; 12 digits of seconds reach the year 33658.
const maxDigits = 12

// rangeOf reads the value of a range field whose prefix stands at byte at.
func (p *parser) rangeOf(field string, at int) (Node, error) {
	value := p.rangeValue()
	if err := p.count(1, at); err != nil {
		return nil, err
	}
	from, to, isRange := strings.Cut(value, "..")
	if !isRange {
		to = from
	}
	bounds := numberBounds
	if isTimeField(field) {
		bounds = p.timeBounds
	}
	r := Range{Field: field, From: math.MinInt64, To: math.MaxInt64}
	if from == "" && to == "" {
		return nil, p.rangeError(field, value, at)
	}
	if from != "" {
		lo, _, ok := bounds(field, from)
		if !ok {
			return nil, p.rangeError(field, from, at)
		}
		r.From = lo
	}
	if to != "" {
		_, hi, ok := bounds(field, to)
		if !ok {
			return nil, p.rangeError(field, to, at)
		}
		r.To = hi
	}
	return r, nil
}

func (p *parser) rangeError(field, value string, at int) error {
	switch field {
	case "z":
		return p.errorf(at, "%q is no size in bytes: write z:FROM..TO, as in z:1000..20000 or z:50000..", value)
	case "uid":
		return p.errorf(at, "%q is no article number: write uid:FROM..TO, as in uid:1..100", value)
	}
	return p.errorf(at, "%q is no date: write %s:FROM..TO, as in %s:2021-01-31..2021-03-01, %s:last.week.. or %s:2021",
		value, field, field, field, field)
}

// rangeValue reads up to white space or the end of the parenthesis. Parts in quotes may
// hold white space.
func (p *parser) rangeValue() string {
	var b strings.Builder
	for p.pos < len(p.text) {
		s := p.text[p.pos:]
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case isSpaceRune(r) || r == ')' || r == '(':
			return b.String()
		case isQuote(r):
			v, m := quoted(s[n:], r)
			b.WriteString(v)
			p.pos += n + m
		default:
			b.WriteString(s[:n])
			p.pos += n
		}
	}
	return b.String()
}

// numberBounds reads one bound of a field of plain numbers: first and last value.
func numberBounds(_, s string) (first, last int64, ok bool) {
	n, ok := number(s)
	return n, n, ok
}

// number reads a decimal number of at most maxDigits digits.
func number(s string) (int64, bool) {
	if s == "" || len(s) > maxDigits {
		return 0, false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// timeBounds reads one bound of a field of times as the span it names: the first second
// of it and the first after it. A year, month or date is that whole; everything else is
// a second, or for d the day around it.
func (p *parser) timeBounds(field, s string) (first, after int64, ok bool) {
	if field == "rt" && len(strings.TrimPrefix(s, "-")) >= 5 {
		if n, ok := number(strings.TrimPrefix(s, "-")); ok {
			if s[0] == '-' {
				n = -n
			}
			return n, n + 1, true
		}
	}
	if t, end, ok := calendar(s); ok {
		if field == "d" {
			t, end = wholeDays(t, end)
		}
		return t.Unix(), end.Unix(), true
	}
	t, ok := Approxidate(s, p.now)
	if !ok {
		return 0, 0, false
	}
	end := t.Add(time.Second)
	if field == "d" {
		t, end = wholeDays(t, end)
	}
	return t.Unix(), end.Unix(), true
}

// wholeDays widens a span to the days that it touches.
func wholeDays(t, end time.Time) (time.Time, time.Time) {
	first, last := t.UTC(), end.Add(-time.Second).UTC()
	return time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, time.UTC),
		time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, time.UTC)
}

// calendar reads what names a span of the calendar: YYYY, YYYY-MM, YYYY-MM-DD,
// YYYYMMDD, YYYYMMDDHHMM and YYYYMMDDHHMMSS. Fields too great or too small are taken
// for the nearest that exist, because bounds such as 20210231 are common.
func calendar(s string) (from, after time.Time, ok bool) {
	if len(s) == 7 && s[4] == '-' || len(s) == 10 && s[4] == '-' && s[7] == '-' {
		s = strings.ReplaceAll(s, "-", "")
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return from, after, false
		}
	}
	at := func(i int) int { n, _ := strconv.Atoi(s[i : i+2]); return n }
	var f [6]int // year, month, day, hour, minute, second
	switch len(s) {
	case 4, 6, 8, 12, 14:
		f[0], _ = strconv.Atoi(s[:4])
		for i := 4; i < len(s); i += 2 {
			f[i/2-1] = at(i)
		}
	default:
		return from, after, false
	}
	y, month := f[0], time.Month(1)
	if len(s) >= 6 {
		month = time.Month(min(max(f[1], 1), 12))
	}
	day := 1
	if len(s) >= 8 {
		day = min(max(f[2], 1), time.Date(y, month+1, 0, 0, 0, 0, 0, time.UTC).Day())
	}
	from = time.Date(y, month, day, min(f[3], 23), min(f[4], 59), min(f[5], 59), 0, time.UTC)
	switch len(s) {
	case 4:
		after = from.AddDate(1, 0, 0)
	case 6:
		after = from.AddDate(0, 1, 0)
	case 8:
		after = from.AddDate(0, 0, 1)
	case 12:
		after = from.Add(time.Minute)
	default:
		after = from.Add(time.Second)
	}
	return from, after, true
}
