/**
 * First patch level of each line of Node.js in which keys of JSON that look like numbers can't be made to collide
 * (CVE-2026-21717, Node.js security releases of March 2026). Older lines get no fix; later ones were born with it.
 */
const PATCHED: ReadonlyMap<number, readonly [minor: number, patch: number]> = new Map([
  [20, [20, 2]],
  [22, [22, 2]],
  [24, [14, 1]],
  [25, [8, 2]],
])

const NEWEST = Math.max(...PATCHED.keys())

/**
 * Why a stranger who writes into the logs could stall the process under this version of Node.js, and what to do;
 * nothing if there is no such way.
 */
export function weaknessOf(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if (major > NEWEST) return undefined
  const first = PATCHED.get(major)
  if (first && (minor > first[0] || (minor === first[0] && patch >= first[1]))) return undefined
  const wanted = first ? `${major}.${first.join('.')} or later of this line, or 24.14.1` : '24.14.1 or later'
  return `Node.js ${version} can be stalled by keys made to collide (CVE-2026-21717): use ${wanted}`
}
