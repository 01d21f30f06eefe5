package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
)

// plainEvery is the time between two lines of progress when there is no terminal.
const plainEvery = 5 * time.Second

// progress shows how far long work has come, on standard error: a bar with rate and
// time left on a terminal, else a line every few seconds. It is used by one goroutine.
type progress struct {
	e     *env
	unit  string
	label string
	total int64
	bar   *progressbar.ProgressBar
	since time.Time // when the label began
	said  time.Time // when the last plain line was printed
}

func newProgress(e *env, unit string) *progress { return &progress{e: e, unit: unit} }

// update tells that done of total are done (total 0: not known) of what label says.
func (p *progress) update(label string, done, total int64) {
	if p.e.quiet {
		return
	}
	if label != p.label {
		p.begin(label, done, total)
	}
	if p.bar != nil {
		if total != p.total && total > 0 { // it may be an estimate
			p.bar.ChangeMax64(total)
		}
		p.total = total
		_ = p.bar.Set64(done) // an error would be one of the terminal's
		return
	}
	if now := p.e.now(); now.Sub(p.said) >= plainEvery {
		p.said = now
		p.e.note("%s", plainProgress(label, p.unit, done, total, now.Sub(p.since)))
	}
}

func (p *progress) begin(label string, done, total int64) {
	p.close()
	p.label, p.total = label, total
	p.since = p.e.now()
	p.said = p.since
	if p.e.errWidth == 0 {
		return
	}
	counts := done > 0 || total > 0
	if total <= 0 {
		total = -1 // a spinner
	}
	opt := []progressbar.Option{
		progressbar.OptionSetWriter(p.e.stderr),
		progressbar.OptionSetDescription(label),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionFullWidth(),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionClearOnFinish(),
	}
	if counts {
		opt = append(opt, progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString(p.unit))
	}
	p.bar = progressbar.NewOptions64(total, opt...)
}

// close takes the bar off the terminal.
func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
	p.label = ""
}

// plainProgress is a line of progress: "index x: 12,000 of 37,333 mails (32%), 7,100/s, 4s left".
func plainProgress(label, unit string, done, total int64, elapsed time.Duration) string {
	if done == 0 && total == 0 { // work that is not counted
		return fmt.Sprintf("%s: %v", label, elapsed.Round(time.Second))
	}
	s := fmt.Sprintf("%s: %s", label, thousands(done))
	if total > 0 {
		s += " of " + thousands(total)
	}
	s += " " + unit
	if total > 0 {
		s += fmt.Sprintf(" (%d%%)", done*100/total)
	}
	if done <= 0 || elapsed < time.Second {
		return s
	}
	rate := float64(done) / elapsed.Seconds()
	s += ", " + thousands(int64(rate)) + "/s"
	if left := float64(total-done) / rate; total > 0 && left >= 1 {
		s += fmt.Sprintf(", %v left", time.Duration(left)*time.Second)
	}
	return s
}

// thousands writes n with a comma every three digits.
func thousands(n int64) string {
	digits := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// count writes "1 mail" or "2,000 mails".
func count(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return thousands(n) + " " + noun
}
