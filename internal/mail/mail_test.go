package mail

import "testing"

func TestParseSmoke(t *testing.T) {
	m := Parse([]byte("From x\nSubject: =?utf-8?q?caf=C3=A9?=\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nhi\n--a\nContent-Type: application/x; name=\"y.bin\"\nContent-Transfer-Encoding: base64\n\nAAEC\n--a--\n"))
	if got := m.Subject(); got != "café" {
		t.Errorf("subject %q", got)
	}
	l := m.Leaves()
	if len(l) != 2 || l[1].Filename != "y.bin" || l[1].Size() != 3 || l[1].Index != "2" || string(l[0].Bytes()) != "hi" {
		t.Errorf("leaves %+v", l)
	}
}
