/** What `--overrides` means, wherever detections are loaded. */
export const OVERRIDES = 'what is to be different in the detections, YAML: see docs/tuning.md'
