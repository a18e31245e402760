/** A GUID's 16 bytes in .NET order: the first three groups are little-endian. */
function littleEndianHex(guid: string): string {
  const at = (index: number) => guid.slice(index, index + 2)
  const [a, b, c] = [at(6) + at(4) + at(2) + at(0), at(11) + at(9), at(16) + at(14)]
  return a + b + c + guid.slice(19, 23) + guid.slice(24)
}

/** The token's id (claim `uti`) of a sign-in: its id as 22 characters of base64url. */
export function tokenIdentifier(signInId: string): string {
  return Buffer.from(littleEndianHex(signInId), 'hex').toString('base64url')
}
