/** A part that says why it cannot start, and ends. */
process.stderr.write('{"level":"error","message":"cannot read the moon"}\n');
process.exitCode = 7;
