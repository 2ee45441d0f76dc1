// Tests run on compiled code: `make build` first.
module.exports = {
  timeout: 30_000,
  slow: 2_000,
  'node-option': ['enable-source-maps'],
  forbidOnly: Boolean(process.env.CI),
  reporter: './hack/mocha/reporter.cjs',
};
