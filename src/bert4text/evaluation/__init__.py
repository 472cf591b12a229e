"""Thing: metrics, intervals, reliability, comparisons, figures and the scorecard."""
