// Mocha wants a reporter as a CommonJS export.
module.exports = require('../../dist/hack/mocha/summary-reporter.js').SummaryReporter;
