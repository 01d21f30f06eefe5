#!/usr/bin/env bash
# Measures Bobbin and, where Debian's package public-inbox is installed, that peer on the
# same mail in the same run, and prints one table with ratios.
#
#   bench/run.sh [BUNDLE]        default ../shared/data/linux-serial.bundle
#
# Needs git, curl, wrk, GNU time. SECONDS_EACH sets the length of each load (default 5).
# Everything stays under a temporary directory; servers listen on loopback.
set -euo pipefail
cd "$(dirname "$0")/.."
bundle=$(realpath "${1:-../shared/data/linux-serial.bundle}")
[ -f "$bundle" ] || { echo "bench: $bundle: no such bundle" >&2; exit 2; }
for tool in git curl wrk /usr/bin/time; do
  command -v $tool >/dev/null || { echo "bench: $tool is not installed" >&2; exit 2; }
done
each=${SECONDS_EACH:-5} name=$(basename "$bundle" .bundle)
work=$(mktemp -d) ours=127.0.0.1:8925 theirs=127.0.0.1:8926
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
peer=; command -v public-inbox-httpd >/dev/null && peer=yes
say() { printf '%s\n' "$*" >&2; }

CGO_ENABLED=0 go build -o "$work/bobbin" ./cmd/bobbin
say "cloning"
mkdir -p "$work/v2/git"
clone=$( { /usr/bin/time -f %e git clone -q --mirror "$bundle" "$work/v2/git/0.git"; } 2>&1 )
touch "$work/v2/inbox.lock"

# field N of GNU time's "%e %M" for a command
timed() { /usr/bin/time -o "$work/time" -f '%e %M' "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }; cat "$work/time"; }
export BOBBIN_DIR="$work/data" HOME="$work/home"; mkdir -p "$HOME"
say "indexing with Bobbin"
"$work/bobbin" init >/dev/null
"$work/bobbin" add "$name" "$work/v2" >/dev/null 2>&1 || true
rm -f "$BOBBIN_DIR"/index.db*
read -r our_index our_peak < <(timed "$work/bobbin" index)
our_size=$(du -cm "$BOBBIN_DIR"/index.db* | tail -1 | cut -f1)
mails=$("$work/bobbin" list "$name" --json | wc -l)

if [ $peer ]; then
  say "indexing with public-inbox (minutes)"
  export PI_CONFIG="$work/pi/config"; mkdir -p "$work/pi/$name"
  cp -r "$work/v2/git" "$work/pi/$name/git"
  public-inbox-init -V2 "$name" "$work/pi/$name" "http://$theirs/$name/" "$name@example.org" 2>/dev/null
  read -r pi_index pi_peak < <(timed public-inbox-index --jobs="$(nproc)" "$work/pi/$name")
  pi_size=$(du -sm "$work/pi/$name/xap15" | cut -f1)
  pi_size=$((pi_size + $(du -cm "$work/pi/$name"/msgmap.sqlite3* | tail -1 | cut -f1)))
fi

say "serving"
"$work/bobbin" serve --http $ours >"$work/serve.log" 2>&1 & our_pid=$!
[ $peer ] && { public-inbox-httpd -W2 -l $theirs >"$work/httpd.log" 2>&1 & pi_pid=$!; }
up() { for _ in $(seq 100); do curl -sf -o /dev/null "http://$1/$name/" && return; sleep 0.1; done; say "$1 does not answer"; exit 1; }
up $ours; [ $peer ] && up $theirs

# Message-IDs in an order that is the same in each run and not the archive's
"$work/bobbin" list "$name" --json | sed -n 's/.*"message_id":"\([^"\\]*\)".*/\1/p' |
  awk '{ printf "%d %s\n", (NR * 7919) % 104729, $0 }' | sort -n | cut -d' ' -f2 | sed 's/%/%25/g; s/#/%23/g; s/?/%3F/g; s/ /%20/g; s/\//%2F/g' >"$work/mids"
sed "s|.*|/$name/&/|" "$work/mids" >"$work/message"
sed "s|.*|/$name/&/raw|" "$work/mids" >"$work/raw"
printf "/$name/\n" >"$work/landing"
thread=20230914183831.587273-1-john.ogness@linutronix.de
grep -qxF "$thread" "$work/mids" || thread=$(head -1 "$work/mids")
printf "/$name/$thread/T/\n" >"$work/thread"
printf "/$name/$thread/t.mbox.gz\n" >"$work/threadmbox"
head -2000 "$work/mids" | sed "s|.*|/$name/&/T/|" >"$work/threads"
for q in serial console uart s:PATCH dma f:greg nq:regression dfn:drivers/tty/serial/8250 printk \
  '"circular+locking"' s:fix+AND+b:deadlock imx+OR+samsung NOT+s:Re d:2021-01-01..2021-12-31 usb+-s:PATCH \
  dfhh:probe tc:linux-kernel 'stm32*' bs:overrun rs485; do
  echo "/$name/?q=$q&l=200"
done >"$work/search"

# requests a second, and how many answers were not 2xx
load() { # HOST WHAT
  PATHS="$work/$2" wrk -t1 -c4 -d"$each"s -s bench/paths.lua "http://$1" >"$work/wrk" 2>&1 || true
  awk '/Requests\/sec/ { r = $2 } /Non-2xx/ { bad = " (" $NF " not 200)" } END { printf "%.0f%s", r, bad }' "$work/wrk"
}
rows=()
row() { # LABEL WHAT
  local a b ratio=-
  a=$(load $ours "$2"); b=-
  if [ $peer ]; then b=$(load $theirs "$2"); ratio=$(awk -v a="${a%% *}" -v b="${b%% *}" 'BEGIN { if (b > 0) printf "%.1f×", a / b; else printf "-" }'); fi
  rows+=("| $1 | $b/s | $a/s | $ratio |")
  say "${rows[-1]}"
}
row 'message page, random, none twice' message
row 'raw, random, none twice' raw
row 'landing page' landing
row 'search, 20 queries in turn, 200 results' search
row "thread page ($thread)" thread
row 'thread pages, 2,000 different ones' threads
row 'thread mbox.gz' threadmbox
our_rss=$(awk '/VmRSS/ { print int($2 / 1024) }' /proc/$our_pid/status)
pi_rss=-
[ $peer ] && pi_rss=$(for p in $pi_pid $(pgrep -P $pi_pid); do awk '/VmRSS/ { print int($2 / 1024) }' /proc/$p/status; done | awk '{ s += $1 } END { print s }')

# one new mail, committed to the epoch with git alone, until the web search finds it
repo="$work/v2/git/0.git" ref=$(git -C "$work/v2/git/0.git" symbolic-ref HEAD) worst=0
for i in 1 2 3; do
  blob=$(printf 'From: B <b@example.org>\nSubject: catch-up %s\nMessage-ID: <bench-%s@example.org>\nDate: Fri, 20 Nov 2026 10:00:0%s +0000\n\nbenchcatchup%s\n' $i $i $i $i | git -C "$repo" hash-object -w --stdin)
  tree=$(printf '100644 blob %s\tm\n' "$blob" | git -C "$repo" mktree)
  commit=$(git -C "$repo" -c user.name=b -c user.email=b@example.org commit-tree -p "$ref" -m bench "$tree")
  git -C "$repo" update-ref "$ref" "$commit"
  start=$(date +%s%N)
  until curl -sf "http://$ours/$name/?q=benchcatchup$i" | grep -q "catch-up $i"; do sleep 0.02; done
  took=$((($(date +%s%N) - start) / 1000000)); [ $took -gt $worst ] && worst=$took
done

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.1f×", a / b; else printf "-" }'; }
cat <<T
$name, $mails articles; $(nproc) cores ($(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)), $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(go version | cut -d' ' -f3), git $(git --version | cut -d' ' -f3); wrk -t1 -c4, $each s each.

| figure | public-inbox ${peer:+$(dpkg-query -W -f '${Version}' public-inbox 2>/dev/null)} | Bobbin | ratio |
|---|---|---|---|
| index, wall (git clone alone: $clone s) | ${pi_index:--} s | $our_index s | $(ratio "${pi_index:-0}" "$our_index") |
| index size | ${pi_size:--} MiB | $our_size MiB | $(ratio "${pi_size:-0}" "$our_size") |
| peak memory while indexing | $((${pi_peak:-0} / 1024)) MiB | $((our_peak / 1024)) MiB | |
| catch-up with a new mail, worst of 3 | | $worst ms | |
$(printf '%s\n' "${rows[@]}")
| resident memory after the above | $pi_rss MiB | $our_rss MiB | |
T
