/** What the process ends with. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Another instance has the state, or has taken over the partitions. */
  elsewhere: 3,
} as const
