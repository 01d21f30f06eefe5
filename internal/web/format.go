package web

import (
	"strconv"
	"strings"
	"time"

	"bobbin/internal/mail"
	"bobbin/internal/web/render"
)

// Times are shown in UTC, as the archive keeps them.

// appendMinute appends "2006-01-02 15:04". time.AppendFormat is several times slower,
// and a thread page has hundreds of them.
func appendMinute(dst []byte, t time.Time) []byte {
	dst = append(appendDay(dst, t), ' ')
	hour, minute, _ := t.UTC().Clock()
	return appendTwo(append(appendTwo(dst, hour), ':'), minute)
}

// appendDay appends "2006-01-02".
func appendDay(dst []byte, t time.Time) []byte {
	year, month, day := t.UTC().Date()
	if year < 0 || year > 9999 {
		return t.UTC().AppendFormat(dst, "2006-01-02")
	}
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(dst, '-'), int(month))
	return appendTwo(append(dst, '-'), day)
}

func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10%10), byte('0'+n%10))
}

// appendTime appends a <time> element; on narrow screens its clock part is hidden.
func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, "<time datetime=\""...)
	dst = appendMinute(dst, t)
	dst = append(dst, "Z\">"...)
	dst = appendDay(dst, t)
	dst = append(dst, "<span class=clock> "...)
	hour, minute, _ := t.UTC().Clock()
	dst = appendTwo(append(appendTwo(dst, hour), ':'), minute)
	return append(dst, "</span></time>"...)
}

// appendStamp appends a time as ?t= takes it: YYYYMMDDhhmmss.
func appendStamp(dst []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(dst, "20060102150405")
}

func formatDay(t time.Time) string    { return string(appendDay(nil, t)) }
func formatMinute(t time.Time) string { return string(appendMinute(nil, t)) }

// formatCount writes a number with thin spaces between the thousands.
func formatCount(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// appendCount appends "1 message", "2 messages".
func appendCount(dst []byte, n int, one, many string) []byte {
	dst = append(strconv.AppendInt(dst, int64(n), 10), ' ')
	if n == 1 {
		return append(dst, one...)
	}
	return append(dst, many...)
}

// appendSubject appends a message's subject as HTML text.
func appendSubject(dst []byte, subject string) []byte {
	if strings.TrimSpace(subject) == "" {
		return append(dst, "(no subject)"...)
	}
	return render.AppendText(dst, subject)
}

// appendName appends who a message is from, as HTML text.
func appendName(dst []byte, a mail.Address) []byte {
	switch {
	case a.Name != "":
		return render.AppendText(dst, a.Name)
	case a.Addr != "":
		name, _, _ := strings.Cut(a.Addr, "@")
		return render.AppendText(dst, name)
	}
	return append(dst, "(nobody)"...)
}
