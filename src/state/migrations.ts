/** Makes the records of one layout those of the next: gives back the new value of each, `undefined` to remove it. */
export type Migration = (key: string, value: unknown) => unknown

/** The first leads from layout 1 to 2, and so on. A new one goes to the end; none is ever removed. */
export const MIGRATIONS: readonly Migration[] = [
  // Hours may be `=`, those of all rows, and companions are one flat list: what is loaded knows layout 1 as well.
  (_key, value) => value,
]
