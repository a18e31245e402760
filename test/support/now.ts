/** Two days after the last of the simulated logs. */
export const NOW = Date.UTC(2026, 9, 24)
