package query

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// patchText is the kind of text that fills kernel archives.
const patchText = `Hi Jiří,

On Tue, 12 Jan 2022 at 10:30 +0100, Uwe Kleine-König <u.kleine-koenig@pengutronix.de> wrote:
> > The driver calls uart_handle_sysrq_char() with port->lock held, so
> > printk() -> console_unlock() deadlocks when CONFIG_PREEMPT_RT=y.

Reviewed-by: Ilpo Järvinen <ilpo.jarvinen@linux.intel.com>

diff --git a/drivers/tty/serial/8250/8250_port.c b/drivers/tty/serial/8250/8250_port.c
index 3b12bfc1ed67..973870ebff69 100644
--- a/drivers/tty/serial/8250/8250_port.c
+++ b/drivers/tty/serial/8250/8250_port.c
@@ -1897,7 +1897,7 @@ int serial8250_handle_irq(struct uart_port *port, unsigned int iir)
 	status = serial_port_in(port, UART_LSR);
-	if (status & (UART_LSR_DR | UART_LSR_BI) &&
+	if (status & (UART_LSR_DR | UART_LSR_BI) && !(port->status & UPSTAT_SYNC_FIFO) &&
 	    iir & UART_IIR_RDI) {
 		if (!up->dma || handle_rx_dma(up, iir))
 			status = serial8250_rx_chars(up, status);
`

func BenchmarkAppendTokens(b *testing.B) {
	for _, bench := range []struct{ name, text string }{
		{"patch", shuffled(patchText, 1<<20)},
		{"ascii", shuffled(strings.Map(asciiOnly, patchText), 1<<20)},
		{"cyrillic", shuffled("Привет, это письмо о драйвере последовательного порта.", 1<<20)},
		{"base64", shuffled("QmFzZTY0IGVuY29kZWQgdGV4dCBvZiBhIGtlcm5lbCBjb25maWd1cmF0aW9uIGZpbGUuLi4", 1<<20)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			dst := make([]byte, 0, 2*len(bench.text))
			b.SetBytes(int64(len(bench.text)))
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendTokens(dst[:0], bench.text)
			}
		})
	}
}

// shuffled makes n bytes of text's words in random order: a processor soon learns where
// the words of a text end that it sees again and again, and no mail is such a text.
func shuffled(text string, n int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields(text)
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(words[rng.IntN(len(words))])
		b.WriteByte(" \n"[rng.IntN(2)])
	}
	return b.String()
}

func asciiOnly(r rune) rune {
	if r >= 0x80 {
		return -1
	}
	return r
}

func BenchmarkParse(b *testing.B) {
	const q = `s:"[PATCH v2 0/2]" f:torvalds@linux-foundation.org (dfn:drivers/tty OR dfhh:serial8250*) -is:reply d:2021-01-01..last.week`
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(q, testNow); err != nil {
			b.Fatal(err)
		}
	}
}
