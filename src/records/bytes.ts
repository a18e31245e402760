/** The bytes that give JSON text its shape. */
export const LF = 0x0a
export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_ARRAY = 0x5b
export const BACKSLASH = 0x5c
export const CLOSE_ARRAY = 0x5d
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d

/** True for the four blanks of JSON: space, tab, CR and LF. */
export function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09
}

/** End of bytes[from, to) without its trailing blanks; `from` when there is nothing else. */
export function trimEnd(bytes: Buffer, from: number, to: number): number {
  let end = to
  while (end > from && isBlank(bytes[end - 1])) end--
  return end
}
