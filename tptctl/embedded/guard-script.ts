/**
 * A `/bin/sh` script that runs a program which knows nothing of us (postgres, nats-server) and
 * makes sure that it does not outlive the supervisor. Arguments: the name of the stop signal, then
 * the program and its arguments.
 *
 * - It prints `{"guardedPid":<pid>}` first.
 * - It blocks on its stdin, a pipe whose other end the supervisor holds. At end of file (the
 *   supervisor closed it, or died in whatever way) it sends the stop signal, again after 1 s, and SIGKILL after 10 s.
 * - It ends when the program ends, with the program's exit code (128 + n for signal n).
 *
 * Signals to the guard itself are ignored by design: closing its stdin is the one way to stop it.
 */
export const GUARD_SCRIPT = `
stop_signal=$1
shift
exec 3<&0
trap : INT TERM HUP
"$@" 3<&- </dev/null &
child=$!
echo "{\\"guardedPid\\":$child}"
(
  exec >/dev/null 2>&1
  while read -r _; do :; done <&3
  trap '' TERM
  kill -"$stop_signal" "$child"
  tenths=0
  while [ "$tenths" -lt 100 ] && kill -0 "$child"; do
    sleep 0.1
    tenths=$((tenths + 1))
    # Once more: a program that had only just been started may have missed it.
    [ "$tenths" -eq 10 ] && kill -"$stop_signal" "$child"
  done
  kill -KILL "$child"
) &
watcher=$!
exec 3<&-
while :; do
  wait "$child"
  code=$?
  kill -0 "$child" 2>/dev/null || break
done
# SIGTERM is lost on a subshell that has only just begun.
kill -KILL "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
exit "$code"
`;
