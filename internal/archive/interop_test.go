package archive_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/git"
	"bobbin/internal/mail"

	"github.com/google/go-cmp/cmp"
)

// peer is public-inbox with a configuration of its own.
type peer struct {
	t   *testing.T
	env []string
}

func newPeer(t *testing.T, programs ...string) *peer {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs the Debian package public-inbox: %v", err)
		}
	}
	home := t.TempDir()
	p := &peer{t: t, env: append(os.Environ(), "HOME="+home, "PI_CONFIG="+filepath.Join(home, "config"),
		"PI_EMERGENCY="+filepath.Join(home, "emergency"), "ORIGINAL_RECIPIENT=foo@example.org", "LC_ALL=C.UTF-8", "TZ=UTC")}
	p.run("", "git", "config", "-f", filepath.Join(home, "config"), "publicinboxmda.spamcheck", "none")
	return p
}

// run runs a program of the peer, which must succeed.
func (p *peer) run(stdin, name string, args ...string) (stdout, stderr string) {
	p.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = p.env
	cmd.Stdin = strings.NewReader(stdin)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errOut.String())
	}
	return out.String(), errOut.String()
}

func (p *peer) init(dir string) {
	p.run("", "public-inbox-init", "-L", "basic", "-V2", "foo", dir, "http://example.org/foo/", "foo@example.org")
}

// count gives the number of articles that the peer has indexed.
func (p *peer) count(dir string) string {
	out, _ := p.run("", "perl", "-MDBI", "-e",
		`print DBI->connect("dbi:SQLite:dbname=$ARGV[0]")->selectrow_array("select count(*) from msgmap")`,
		filepath.Join(dir, "msgmap.sqlite3"))
	return out
}

// samples are mails for both sides. They have List-Id, which public-inbox-mda adds, and
// dates, for which it would take the clock.
func samples() []string {
	const common = "To: foo@example.org\nList-Id: <foo.example.org>\n"
	const date = "Date: Mon, 2 Jan 2023 03:04:05 -0700\n"
	return []string{
		"From: A B <a@b.c>\nMessage-ID: <1@x>\nSubject: plain\n" + date + common + "\nbody\n",
		"From: a@b.c\nMessage-ID: <2@x>\nSubject: =?utf-8?q?h=C3=A9llo?=\n" + date + common +
			"Received: from x by y; Tue, 3 Jan 2023 10:00:00 -0500\nReceived: from x by y; Tue, 3 Jan 2023 09:00:00 -0400\n\nbody\n",
		"Message-ID: <3@x>\n" + date + common + "\nneither author nor subject\n",
		"From: \"X <y> Z\" <q@r.s>\r\nMessage-ID: <4@x>\r\nSubject: crlf\r\n" +
			strings.ReplaceAll(date+common, "\n", "\r\n") + "Lines: 3\r\n\r\nbody\r\n",
		"From: n1@b.c (Comment Name), n2 <n2@x.y>\nMessage-ID: <5@x>\nSubject: s\nStatus: RO\n" + date + common + "\nbody\n",
		"From: \"Doe, John\" <jd@b.c>\nMessage-ID: <1@x>\nSubject: id used again\n" + date + common + "\nbody\n",
		"Sender: Sen Der <jd@b.c>\nSubject: no id\n" + date + common + "\nbody\n",
		"From: A B <a@b.c>\nMessage-ID: <1@x>\nSubject: plain\n" + date + common + "Received: again; Tue, 3 Jan 2023 10:00:00 -0500\n\nbody\n",
		"From: =?iso-8859-1?q?J=F6rg?= <jd@b.c>\nMessage-ID: <6@x> <7@x>\nMessage-ID: <8@x>\nSubject: three\n ids\n" + date + common + "\nbody\n",
		"From: A B <a@b.c>\nMessage-ID: <1@x>\nMessage-ID: <9@x>\nSubject: one of two is taken\n" + date + common + "\nbody\n",
	}
}

// Given the same mails, public-inbox-mda and we make the same commits.
func TestCommitsLikePublicInbox(t *testing.T) {
	p := newPeer(t, "public-inbox-init", "public-inbox-mda")
	theirs := filepath.Join(t.TempDir(), "theirs")
	p.init(theirs)
	for _, m := range samples() {
		p.run(m, "public-inbox-mda", "--no-precheck")
	}
	ours := create(t)
	write(t, ours, samples()...)
	history := func(dir string) []string {
		return strings.Split(runGit(t, filepath.Join(dir, "git/0.git"), "log", "--reverse", "--raw", "--no-abbrev",
			"--date=raw", "--format=%an <%ae> %ad, %cn <%ce> %cd, %s"), "\n")
	}
	if d := cmp.Diff(history(theirs), history(ours.Dir())); d != "" {
		t.Errorf("history (-public-inbox +ours):\n%s", d)
	}
}

// public-inbox-init and -index take what we wrote for their own, and both can go on
// writing to it.
func TestPublicInboxReadsOurs(t *testing.T) {
	p := newPeer(t, "public-inbox-init", "public-inbox-index", "public-inbox-mda", "public-inbox-learn")
	b := create(t)
	w, err := b.Writer(t.Context(), archive.WriterOptions{EpochBytes: 4000, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		if _, err := w.Add(t.Context(), []byte(mailOf(i))); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range samples() {
		if _, err := w.Add(t.Context(), []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{3, 50} { // from an old epoch and from the newest
		if err := w.Remove(t.Context(), []byte(mailOf(n))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	index := func(want int) {
		t.Helper()
		_, said := p.run("", "public-inbox-index", "-L", "basic", b.Dir())
		if said != "" {
			t.Errorf("public-inbox-index says %s", said)
		}
		if got := p.count(b.Dir()); got != fmt.Sprint(want) {
			t.Errorf("public-inbox has %s articles, want %d", got, want)
		}
		sound(t, b)
	}
	p.init(b.Dir())
	const articles = 60 + 9 - 2
	index(articles)
	p.run("From: a@b.c\nTo: foo@example.org\nMessage-ID: <mda@x>\nSubject: by mda\n\nbody\n", "public-inbox-mda", "--no-precheck")
	index(articles + 1)
	if r := write(t, b, mailOf(100), "From: a@b.c\nTo: foo@example.org\nMessage-ID: <mda@x>\nSubject: by mda\n\nbody\n"); !r[1].Duplicate {
		t.Errorf("what public-inbox-mda wrote is not known: %+v", r[1])
	}
	index(articles + 2)
	p.run(mailOf(100), "public-inbox-learn", "rm", "--all")
	list := entries(t, b)
	if last := list[len(list)-1]; last.Op != archive.Remove || string(last.Raw) != mailOf(100) {
		t.Errorf("after public-inbox-learn rm the last entry is %v %q", last.Op, last.Raw)
	}
	index(articles + 1)
}

// What public-inbox-convert makes of its old format is an inbox to us.
func TestReadsPublicInboxConvert(t *testing.T) {
	p := newPeer(t, "public-inbox-init", "public-inbox-mda", "public-inbox-learn", "public-inbox-convert")
	v1, v2 := filepath.Join(t.TempDir(), "v1"), filepath.Join(t.TempDir(), "v2")
	p.run("", "public-inbox-init", "-L", "basic", "-V1", "foo", v1, "http://example.org/foo/", "foo@example.org")
	_, err := archive.Open(v1)
	wantKind(t, err, errs.Invalid)
	_, err = empty(t).AddEpochFrom(t.Context(), v1, nil)
	wantKind(t, err, errs.Invalid)
	in := func(i int) string {
		return "List-Id: <foo.example.org>\n" + mailOf(i)
	}
	var want []string
	for i := range 6 {
		p.run(in(i), "public-inbox-mda", "--no-precheck")
		want = append(want, in(i))
	}
	p.run(in(2), "public-inbox-learn", "rm", "--all")
	want = append(want, "-"+in(2))
	p.run("", "public-inbox-convert", v1, v2)
	b, err := archive.Open(v2)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, raws(t, b)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	sound(t, b)
	r := write(t, b, in(2), in(3), mailOf(100))
	if r[0].Duplicate || !r[1].Duplicate || r[2].Duplicate {
		t.Errorf("got %+v", r)
	}
}

// hashes reads mails, each after its length, and prints their content hashes.
const hashes = `
binmode STDIN;
while (read(STDIN, my $n, 4)) {
	read(STDIN, my $raw, unpack('N', $n));
	print unpack('H*', PublicInbox::ContentHash::content_hash(PublicInbox::Eml->new($raw))), "\n";
}`

// The content hash only decides what is a duplicate, but both programs may write to an
// inbox, and should decide alike.
func TestContentHashLikePublicInbox(t *testing.T) {
	p := newPeer(t, "public-inbox-mda")
	var mails [][]byte
	for _, m := range samples() {
		mails = append(mails, []byte(m))
	}
	for i, e := range realMail(t) {
		if i%10 == 0 {
			mails = append(mails, e.Raw)
		}
	}
	var in bytes.Buffer
	for _, raw := range mails {
		in.Write(binary.BigEndian.AppendUint32(nil, uint32(len(raw))))
		in.Write(raw)
	}
	cmd := exec.Command("perl", "-MPublicInbox::Eml", "-MPublicInbox::ContentHash", "-e", hashes)
	cmd.Env = p.env
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(string(out))
	if len(want) != len(mails) {
		t.Fatalf("%d hashes of %d mails", len(want), len(mails))
	}
	differ := 0
	for i, raw := range mails {
		m := mail.Parse(raw)
		hash := m.ContentHash()
		if got := hex.EncodeToString(hash[:]); got != want[i] {
			if differ++; differ <= 10 {
				t.Logf("mail %d, %s: got %s, want %s", i, m.Header.Raw("Message-ID"), got, want[i])
			}
		}
	}
	if differ > 0 {
		t.Errorf("%d of %d differ", differ, len(mails))
	}
}

// realMail gives the mails of an archive that is not part of the project.
func realMail(t *testing.T) []archive.Entry {
	t.Helper()
	bundle, err := filepath.Abs("../../../shared/data/platform-driver-x86.bundle")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bundle); err != nil {
		t.Skip("needs the real mail beside the project, ../shared/data")
	}
	b := empty(t)
	if _, err := b.AddEpochFrom(t.Context(), bundle, nil); err != nil {
		t.Fatal(err)
	}
	return entries(t, b)
}

// Real mail, written anew, is what public-inbox would have kept of it.
func TestRealMailTwice(t *testing.T) {
	list := realMail(t)
	if len(list) != 4623 {
		t.Errorf("%d mails, want 4623", len(list))
	}
	b := create(t)
	for round, want := range []struct{ added, renamed int }{{4621, 2}, {0, 0}} {
		w := writer(t, b)
		added, renamed := 0, 0
		for _, e := range list {
			if git.BlobName(e.Raw) != e.Blob {
				t.Fatalf("commit %s: the mail is not its blob %s", e.Commit, e.Blob)
			}
			r, err := w.Add(t.Context(), e.Raw)
			if err != nil {
				t.Fatal(err)
			}
			if !r.Duplicate {
				added++
			}
			if r.Renamed {
				renamed++
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if added != want.added || renamed != want.renamed {
			t.Errorf("round %d: %d added and %d of them renamed, want %+v", round+1, added, renamed, want)
		}
	}
	sound(t, b)
}
