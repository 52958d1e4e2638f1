// Ends a test file that hangs, so that it fails and the rest is told: what a failed test left open would keep its process for ever.

/** A file that takes longer hangs, on however busy a machine. */
const maxFileMs = 20 * 60_000;

// The process that starts the files loads this too, and may take as long as they do together.
if (process.env['NODE_TEST_CONTEXT'] !== undefined)
  setTimeout(() => {
    process.stderr.write(`${process.argv[1] ?? ''} has not ended after ${maxFileMs / 60_000} minutes.\n`);
    process.exit(1);
  }, maxFileMs).unref();
