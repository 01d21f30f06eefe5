package query

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// gitWords are times that every git reads alike.
var gitWords = []string{
	"now", "NOW", "yesterday", "Yesterday", "noon", "midnight", "tea", "never",
	"last.week", "last week", "last.month", "last.year", "last.day", "last.hour", "last.minute", "last_second",
	"last.monday", "last.tuesday", "last.wed", "last.thursday", "last.friday", "last.saturday", "last sun",
	"2.mondays.ago", "3 fridays ago", "1.wed",
	"1.day.ago", "2.days.ago", "10.days", "45 days ago", "1000.days.ago", "one week ago", "two.weeks", "3.weeks.ago",
	"1.month.ago", "2.months.ago", "2 months", "6 months ago", "13.months.ago", "one.year", "5.years.ago", "ten.years.ago",
	"30.seconds.ago", "10.minutes.ago", "3.hours.ago", "48.hours.ago", "01 days ago", "0 days ago",
	"1.week.2.days.ago", "two.years.3.months.ago", "1 day 1 day", "last 3 days",
	"jan", "feb", "march", "mar", "may", "june", "sept", "september", "dec", "december",
	"jan 5", "5 jan", "5jan", "jan.5", "jan 5 2010", "5.jan.2010", "5th of june", "june 2009", "2009.june", "dec 25", "1st",
	"feb 29", "feb 30", "feb 31 2021", "2021 jan 5", "dec 31 2020", "feb 2 3",
	"2021-01-01", "2021-1-1", "2021/01/31", "2021.01.31", "1/2/2020", "12/13/2020", "13/12/2020", "2.1.2020", "31.12.2020",
	"1.2.3", "99-01-01", "70-1-1", "71-1-1", "2021-31-01", "2021-02-30", "2099-01-01",
	"2010", "2038", "10", "31", "07", "99",
	"3pm", "3 pm", "10am", "10.am", "12am", "12pm", "0am", "10:30pm", "13 pm", "yesterday.10pm", "3 pm jan 5",
	"10:30", "10:30:15", "23:59", "24:00", "1:2:3", "10:30 yesterday", "yesterday 10:30", "jan 5 3:15", "2021-01-01.10:30",
	"2020-02-03 04:05:06", "2020-02-03 04:05", "2020-02-03T04:05:06", "2020-02-03T04:05:06Z", "2020-02-03 04:05:06 +0200",
	"2020-02-03T04:05:06-07:00", "2020-02-03T04:05:06+02", "2020-02-03 04:05:06 EST", "2020-02-03 04:05:06.789 +0100",
	"2021-01-01 10:00 pm", "10:00 2021-01-01", "2021-01-01 24:00", "20200203T040506Z", "20200203 040506",
	"Thu, 7 Apr 2005 15:14:13 -0700", "Thu Apr 7 15:14:13 2005 -0700", "7 Apr 05 15:14:13", "6AM, June 7, 2009",
	"1234567890", "100000000", "4102444799", "@1234567890", "1234567890 +0200",
}

// times to take for now: days of all kinds, a leap day, ends of months and years.
var nows = []time.Time{
	testNow,
	time.Date(2021, 11, 24, 18, 34, 56, 0, time.UTC),
	time.Date(2021, 3, 1, 10, 0, 0, 0, time.UTC),
	time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC),
	time.Date(2021, 3, 31, 23, 59, 59, 0, time.UTC),
	time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC),
	time.Date(2022, 12, 31, 17, 0, 0, 0, time.UTC),
	time.Date(2024, 7, 6, 16, 59, 59, 0, time.UTC),
}

// TestApproxidateIsGits asks git itself.
func TestApproxidateIsGits(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed; apt install git")
	}
	for _, now := range nows {
		cmd := exec.Command(git, "rev-parse")
		for _, w := range gitWords {
			cmd.Args = append(cmd.Args, "--since="+w)
		}
		cmd.Dir = t.TempDir()
		// A bare repository is needed, but not one of the person who runs the tests.
		if out, err := exec.Command(git, "init", "-q", "--bare", cmd.Dir).CombinedOutput(); err != nil {
			t.Fatalf("git init: %v\n%s", err, out)
		}
		cmd.Env = append(os.Environ(), "TZ=UTC", fmt.Sprint("GIT_TEST_DATE_NOW=", now.Unix()), "GIT_DIR="+cmd.Dir)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(string(out))
		if len(lines) != len(gitWords) {
			t.Fatalf("%d answers to %d questions", len(lines), len(gitWords))
		}
		for i, w := range gitWords {
			want, err := strconv.ParseInt(strings.TrimPrefix(lines[i], "--max-age="), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := Approxidate(w, now)
			if !ok || got.Unix() != want {
				t.Errorf("at %s, %q: got %s %v, git says %s", now.Format(time.DateTime), w,
					got.Format(time.DateTime), ok, time.Unix(want, 0).UTC().Format(time.DateTime))
			}
		}
	}
}

// TestApproxidate has what git's versions disagree about, what git does not understand,
// and what is better here. The zero string stands for not understood.
func TestApproxidate(t *testing.T) {
	now := nows[2] // Monday, 1 March 2021, 10:00
	for text, want := range map[string]string{
		"noon":                   "2021-02-28 12:00:00", // not yet today
		"tea.yesterday":          "2021-02-27 17:00:00",
		"2021-01-05.noon":        "2021-01-04 12:00:00",
		"noon.jan.5":             "2021-01-28 12:00:00",
		"2.weeks.ago.tea":        "2021-02-14 17:00:00",
		"today":                  "2021-03-01 10:00:00",
		"monday":                 "2021-02-22 10:00:00",
		"friday":                 "2021-02-26 10:00:00",
		"week":                   "2021-02-22 10:00:00",
		"a.week.ago":             "2021-02-22 10:00:00",
		"an hour ago":            "2021-03-01 09:00:00",
		"year.ago":               "2020-03-01 10:00:00",
		"Fri, 5 Feb 2021":        "2021-02-05 10:00:00",
		"2021-02-05 last.monday": "2021-02-01 10:00:00",
		"60.years.ago":           "1961-03-01 10:00:00",
		"200.years.ago":          "1821-03-01 10:00:00",
		"3000.years.ago":         "",
		"99999999999.days.ago":   "",
		"1000000.weeks.ago":      "",
		"99999999.fridays":       "",
		"":                       "",
		"...":                    "",
		"foo":                    "",
		"tomorrow":               "",
		"m":                      "",
		"jan5":                   "2021-03-05 10:00:00", // as git: only the 5
		"0":                      "",
		"100":                    "",
		"1969":                   "",
		"2100":                   "",
		"12345678":               "",
		"20210101":               "", // a form of ranges, not of git
		"4102444800":             "",
		"999999999999999999999":  "",
		"a day month":            "",
		"25:00":                  "2021-03-25 10:00:00",
		"12/25":                  "2025-03-12 10:00:00", // next Christmas is too far off
	} {
		got, ok := Approxidate(text, now)
		switch {
		case want == "" && ok:
			t.Errorf("%q: got %s, want nothing", text, got.Format(time.DateTime))
		case want != "" && (!ok || got.Format(time.DateTime) != want):
			t.Errorf("%q: got %s %v, want %s", text, got.Format(time.DateTime), ok, want)
		}
	}
}

// TestApproxidateZone checks that the zone of now does not matter.
func TestApproxidateZone(t *testing.T) {
	there := testNow.In(time.FixedZone("", 13*3600))
	for _, w := range gitWords {
		want, _ := Approxidate(w, testNow)
		if got, _ := Approxidate(w, there); !got.Equal(want) {
			t.Errorf("%q: got %s in another zone, want %s", w, got, want)
		}
	}
}

func FuzzApproxidate(f *testing.F) {
	for _, w := range gitWords {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Approxidate(s, testNow)
		if ok && (got.Year() < 0 || got.Year() > 9999 || got.Location() != time.UTC) {
			t.Errorf("%q: got %s", s, got)
		}
	})
}
